import { join } from 'node:path';
import { resolveCommand, resolveImage } from '../image/index.js';
import { restoreImage } from '../image/restore.js';
import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import { randomBytes } from '../kernel/random.js';
import { TsboxError } from '../plugin/error.js';
import type { DriverChoice, DriverKind, Spec } from '../plugin/spec.js';
import type { StatePaths } from '../plugin/tokens.js';
import { Journal } from '../state/journal.js';
import { checkName, generateName } from '../state/names.js';
import type { ContainerDetails, ContainerRecord } from '../state/record.js';
import { refuseBeyondCapabilities } from './capabilities.js';
import { launchNetwork, readNetworkChoice } from './choose-network.js';
import { type ChosenDriver, type ChosenDrivers, type LaunchState, LaunchView } from './launch-state.js';
import type { LaunchObserver } from './observer.js';
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
  const { registry, gate, host, paths, planning, onWarning, existing, observer } = context;
  const spec = await withVolumeNames(asked, gate);
  if (spec.name !== undefined) checkName(spec.name);
  await registry.loadHooks();
  const choice = readNetworkChoice(spec.drivers.network, paths.root, registry.names('network'));
  const wanted = existing ? driversOf(existing.details) : { ...spec.drivers, network: choice.driver };
  const drivers = await chooseDrivers(wanted, registry);
  const network = launchNetwork(choice, spec, drivers.network, paths.root);
  const image = existing
    ? restoreImage(gate, existing.details.image)
    : await resolveImage(spec.image, { root: paths.root, gate, host, planning, warn: onWarning });
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
    handedOver: new Map(),
    onWarning,
    idMaps: undefined,
    cgroup: undefined,
    rootfs: undefined,
    pid: undefined,
    ...(observer && { observer }),
  };
  observer?.resolved(state);
  for (const { driver, plugin } of Object.values(drivers)) driver.validate?.(new LaunchView(state, plugin, 'resolve'));
  await registry.validate(state);
  refuseBeyondCapabilities(state, context.outlives);
  return planning ? state : { ...state, journal: new Journal(paths.runroot, id) };
}

/** Loaded on demand: most launches have no volume. */
async function withVolumeNames(spec: Spec, gate: Gate): Promise<Spec> {
  if (!spec.mounts.some(({ type }) => type === 'volume')) return spec;
  return (await import('./volume-steps.js')).nameVolumes(spec, gate);
}

/** A later start takes the drivers of the first: what one of them made, no other one understands. */
function driversOf({ drivers }: ContainerDetails): DriverChoice {
  const names = Object.entries(drivers).map(([kind, { name }]) => [kind, name]);
  return Object.fromEntries(names) as unknown as DriverChoice;
}

async function chooseDrivers(choice: DriverChoice, registry: PluginRegistry): Promise<ChosenDrivers> {
  // Names first: a typo is reported before any driver looks at the host.
  const kinds = Object.keys(choice) as DriverKind[];
  const chosen = new Map<DriverKind, ChosenDriver>();
  for (const kind of kinds)
    if (choice[kind] !== 'auto' || kind === 'userns') chosen.set(kind, await named(kind, choice[kind], registry));
  for (const kind of kinds) if (!chosen.has(kind)) chosen.set(kind, await firstThatWorks(kind, registry));
  return Object.fromEntries(chosen) as unknown as ChosenDrivers;
}

async function named(kind: DriverKind, name: string, registry: PluginRegistry): Promise<ChosenDriver> {
  const chosen = await registry.driver(kind, name);
  const support = chosen.driver.check();
  if (support.works) return chosen;
  throw new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', {
    what: `${kind} driver "${name}" does not work here`,
    why: support.reason,
    fix: support.fix,
    diagnosis: support.diagnosis,
  });
}

async function firstThatWorks(kind: DriverKind, registry: PluginRegistry): Promise<ChosenDriver> {
  const reasons: string[] = [];
  for (const name of registry.names(kind)) {
    const chosen = await registry.driver(kind, name);
    const support = chosen.driver.check();
    if (support.works) return chosen;
    reasons.push(`${name}: ${support.reason}`);
  }
  throw new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', {
    what: `no ${kind} driver works here`,
    why: reasons.join('; '),
    fix: 'tsbox info says what each of them needs',
  });
}
