import { join } from 'node:path';
import { resolveCommand, resolveImage } from '../image/index.js';
import { restoreImage } from '../image/restore.js';
import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import { randomBytes } from '../kernel/random.js';
import type { ResolvedImage } from '../plugin/image.js';
import type { Spec } from '../plugin/spec.js';
import type { StatePaths } from '../plugin/tokens.js';
import type { Errands } from '../program/errands.js';
import { Journal } from '../state/journal.js';
import { checkName, generateName } from '../state/names.js';
import type { ContainerDetails, ContainerRecord } from '../state/record.js';
import { refuseBeyondCapabilities } from './capabilities.js';
import { chooseDrivers, driversOf } from './choose-drivers.js';
import { launchNetwork, readNetworkChoice } from './choose-network.js';
import { type ChosenDriver, type LaunchState, LaunchView } from './launch-state.js';
import type { LaunchObserver } from './observer.js';
import { attachesLate, isBuiltIn, validateAll } from './participants.js';
import type { PluginRegistry } from './registry.js';

export interface ResolveContext {
  readonly registry: PluginRegistry;
  readonly gate: Gate;
  readonly host: Host;
  readonly paths: StatePaths;
  readonly planning: boolean;
  /** The container goes on without this process. */
  readonly outlives: boolean;
  readonly onWarning: (message: string) => void;
  /** A container that was made before; its spec is the request. */
  readonly existing?: ExistingContainer;
  readonly observer?: LaunchObserver | undefined;
  /** Who makes what a launch needs beside this thread. */
  readonly errands?: () => Errands | undefined;
}

/** What is kept of a container that starts again. */
export interface ExistingContainer {
  readonly record: ContainerRecord;
  readonly details: ContainerDetails;
}

/**
 * Everything that can be known or refused before the first side effect: drivers chosen and asked,
 * image and command resolved, every driver's own validation.
 */
export async function resolveLaunch(asked: Spec, context: ResolveContext): Promise<LaunchState> {
  const { registry, gate, host, paths, planning, onWarning, existing, observer, errands } = context;
  const spec = await withVolumeNames(asked, gate);
  if (spec.name !== undefined) checkName(spec.name);
  await registry.loadHooks();
  const choice = readNetworkChoice(spec.drivers.network, paths.root, registry.names('network'));
  const wanted = existing
    ? driversOf(existing.details)
    : { ...spec.drivers, ...logDriver(spec), network: choice.driver };
  const chosen = await chooseDrivers(wanted, registry);
  const network = launchNetwork(choice, spec, chosen.network, paths.root);
  const { image, source } = existing
    ? { image: restoreImage(gate, existing.details.image) }
    : await findImage(spec.image, context);
  const drivers = source ? { ...chosen, image: source } : chosen;
  const id = existing?.record.id ?? randomBytes(gate, 32).toString('hex');
  const hostname = existing?.details.hostname ?? spec.hostname ?? network.chosen.peer?.hostname ?? id.slice(0, 12);
  const command = resolveCommand(spec, image, hostname);
  const state: LaunchState = {
    id,
    name: existing?.record.name ?? spec.name ?? generateName(gate),
    again: existing !== undefined,
    kept: existing?.details.kept ?? [],
    spec,
    image,
    command,
    hostname,
    gate,
    host,
    paths: { ...paths, container: join(paths.root, 'containers', id) },
    drivers,
    journal: undefined,
    namespaces: new Set(['mount']),
    network,
    facts: {},
    steps: [],
    warnings: [],
    degraded: [],
    created: existing?.record.created ?? new Date().toISOString(),
    trees: new Set(),
    volumes: new Map(),
    duringClone: [],
    handedOver: new Map(),
    onWarning,
    canUndo: (plugin, kind) => registry.canUndo(plugin, kind),
    idMaps: undefined,
    cgroup: undefined,
    rootfs: undefined,
    pid: undefined,
    ...(observer && { observer }),
    ...(errands && { errands }),
  };
  state.mayDefer = !context.outlives && isBuiltIn(registry, state);
  if (state.mayDefer && !planning && !observer && assignsLate(state, registry)) state.network.awaiting = [];
  observer?.resolved(state);
  for (const { driver, plugin } of Object.values(drivers)) driver.validate?.(new LaunchView(state, plugin, 'resolve'));
  validateAll(registry, state);
  refuseBeyondCapabilities(state, context.outlives);
  return planning ? state : { ...state, journal: new Journal(paths.runroot, id) };
}

/** Whether the network driver may lease what its ops have as variables when the child is on its way to them. */
function assignsLate(state: LaunchState, registry: PluginRegistry): boolean {
  const { assign } = state.drivers.network.driver;
  return assign !== undefined && state.spec.secrets === undefined && attachesLate(registry, state);
}

/** The image of a new container, and the plugin's driver that gave it, if one did. */
async function findImage(
  reference: string,
  { registry, gate, host, paths: { root }, planning, onWarning: warn }: ResolveContext,
): Promise<{ readonly image: ResolvedImage; readonly source?: ChosenDriver<'image'> }> {
  const question = { root, gate, host, planning, warn };
  if (registry.names('image').length > 0) {
    // Loaded on demand: nothing that is built in is such a driver.
    const { imageSource, provideImage } = await import('./provided-image.js');
    const name = imageSource(reference, root, registry);
    if (name !== undefined) return provideImage(reference, name, registry, question);
  }
  return { image: await resolveImage(reference, question) };
}

/** `file` and `none` are the monitor's own. */
function logDriver({ log: { driver } }: Spec): { readonly log?: string } {
  return driver === 'file' || driver === 'none' ? {} : { log: driver };
}

/** Loaded on demand: most launches have no volume. */
async function withVolumeNames(spec: Spec, gate: Gate): Promise<Spec> {
  if (!spec.mounts.some(({ type }) => type === 'volume')) return spec;
  return (await import('./volume-steps.js')).nameVolumes(spec, gate);
}
