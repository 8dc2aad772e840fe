import { existsSync } from 'node:fs';
import type { ContainerFiles, LaunchFacts } from '../explain/index.js';
import type { WaitStatus } from '../kernel/gate.js';
import type { StoredContainer, StoredTree } from '../plugin/contents.js';
import type { ResourceOutcome, StorageDriver } from '../plugin/drivers.js';
import { TsboxError } from '../plugin/error.js';
import type { Spec } from '../plugin/spec.js';
import { inWords } from './failure.js';
import type { LaunchState } from './launch-state.js';
import type { PlanEntry } from './plan.js';
import type { ResolveContext } from './resolve.js';

/** Nothing of core/explain is loaded before something failed. */
const load = () => import('../explain/index.js');

/** A launch that was refused before its first side effect: explained, and written down unless it was only planned. */
export async function refuseLaunch(error: unknown, spec: Spec, context: ResolveContext): Promise<never> {
  const said = inWords(error, 'cannot set up the container');
  if (!(said instanceof TsboxError)) throw said;
  const { explained, writeFailure } = await load();
  const { paths, host, planning, existing } = context;
  const better = explained(said, { ...paths });
  const { id, name = spec.name } = existing?.record ?? {};
  if (!planning)
    writeFailure(better, {
      root: paths.root,
      ...(id !== undefined && { id }),
      ...(name !== undefined && { name }),
      spec,
      plan: [],
      host: { uid: host.uid, privileged: host.privileged },
    });
  throw better;
}

/** What a failure of a launch is; asked before anything is taken back, because that changes what can be seen. */
export async function explainFailure(error: unknown, state: LaunchState): Promise<unknown> {
  const said = inWords(error, 'cannot set up the container');
  if (!(said instanceof TsboxError)) return said;
  const { explained, LayeredFiles } = await load();
  return explained(said, launchFacts(state, new LayeredFiles(state.gate, placesOf(state))));
}

/** Writes down a launch that failed and was taken back: the disk may have room by now. @returns the file's name */
export async function recordFailure(
  error: unknown,
  state: LaunchState,
  plan: readonly PlanEntry[],
): Promise<string | undefined> {
  if (!(error instanceof TsboxError) || !state.journal) return undefined;
  const { writeFailure } = await load();
  const { id, name, spec, paths, host } = state;
  return writeFailure(error, {
    root: paths.root,
    id,
    name,
    spec,
    plan,
    host: { uid: host.uid, privileged: host.privileged },
  });
}

/** What the drivers say about an end, and, where they are silent about a failure, what the command's file says. */
export async function explainEnd(
  state: LaunchState,
  status: WaitStatus,
  outcome: ResourceOutcome,
): Promise<ResourceOutcome & { diagnosis?: string }> {
  if (!status.exitCode || outcome.explanation !== undefined) return outcome;
  const { afterRun, LayeredFiles } = await load();
  const files = new LayeredFiles(state.gate, placesOf(state));
  return { ...outcome, ...afterRun(launchFacts(state, files), status.exitCode) };
}

function launchFacts(state: LaunchState, files: ContainerFiles): LaunchFacts {
  const { paths, drivers, image, namespaces, command, spec } = state;
  const names = Object.entries(drivers).map(([kind, { name }]) => [kind, name] as const);
  return {
    ...paths,
    drivers: Object.fromEntries(names),
    layers: image.layers,
    namespaces: [...namespaces],
    command,
    noNewPrivileges: spec.security.noNewPrivileges,
    files,
  };
}

/** Where the files of the container are, as its storage driver says it; else those of the image. */
function placesOf({ drivers, image, paths, namespaces, spec, volumes }: LaunchState) {
  const trees = treesOf(drivers.storage.driver, {
    directory: paths.container,
    image,
    userns: namespaces.has('user'),
  });
  const current = trees.find(({ path }) => path === '/')?.current.filter((path) => existsSync(path)) ?? [];
  // One tree of its own: it is on a mount of the host, whose flags it keeps.
  const [only] = current.length === 1 && trees.length === 1 ? current : [];
  const isOwn = only?.startsWith(`${paths.container}/`);
  return {
    layers: current.length > 0 ? current : image.layers,
    mounts: spec.mounts,
    volumes,
    store: isOwn ? (only as string) : '',
  };
}

/** A driver whose part has failed cannot say it, and must not hide the failure. */
function treesOf(driver: StorageDriver, stored: StoredContainer): readonly StoredTree[] {
  try {
    return driver.contents?.(stored) ?? [];
  } catch {
    return [];
  }
}

/** Why a command could not be executed in a container that runs. @param root descriptor of its root directory */
export async function explainEntry(error: TsboxError, state: LaunchState, root: number): Promise<TsboxError> {
  const { explained, LayeredFiles } = await load();
  const layers = [`/proc/self/fd/${root}`];
  const files = new LayeredFiles(state.gate, { layers, mounts: [], volumes: new Map(), store: '' });
  return explained(error, launchFacts(state, files));
}
