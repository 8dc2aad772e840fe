import { closeSync } from 'node:fs';
import type { Engine } from '../engine/index.js';
import { hasCode } from '../kernel/error.js';
import { O_CLOEXEC, O_PATH, oDirectory } from '../kernel/fcntl.js';
import type { Gate } from '../kernel/gate.js';
import { AT_FDCWD } from '../kernel/mount.js';
import { TsboxError } from '../plugin/error.js';
import { type ContainerState, readContainer, requireContainer } from '../state/containers.js';
import { isAlive } from '../state/process-identity.js';
import { type ContainerDetails, readDetails } from '../state/record.js';
import { Holder } from './holder.js';
import { ContainerIds } from './ids.js';
import { explained } from './stored.js';

/** The root directory of a container as its processes see it, with everything that is mounted in it. */
export interface Rootfs {
  /** O_PATH. What is below it is opened with openat2(2), RESOLVE_IN_ROOT: {@link openInRoot}. */
  readonly fd: number;
  readonly ids: ContainerIds;
  readonly running: boolean;
  readonly details: ContainerDetails;
}

/**
 * Opens the root of a container: of one that runs, that of its first process; of another one it is mounted
 * meanwhile, and the container can neither be started nor removed until `use` has ended.
 * @param what for errors: `cannot copy from container web`
 * @throws TsboxError
 */
export async function withRootfs<Result>(
  engine: Engine,
  reference: string,
  what: string,
  use: (root: Rootfs) => Promise<Result>,
): Promise<Result> {
  const { record } = requireContainer(engine.paths.root, reference);
  try {
    const running = await ofRunning(engine, record.id, use);
    if (running) return running.result;
    return await engine.locked(record.id, async () => {
      // It may have been started while we waited.
      const started = await ofRunning(engine, record.id, use);
      return started ? started.result : ofStopped(engine, record.id, what, use);
    });
  } catch (error) {
    throw explained(what, error);
  }
}

async function ofRunning<Result>(
  engine: Engine,
  id: string,
  use: (root: Rootfs) => Promise<Result>,
): Promise<{ readonly result: Result } | undefined> {
  const container = readContainer(engine.paths.root, id);
  if (container?.pid === undefined) return undefined;
  const fd = openRunning(engine.gate, container);
  if (fd === undefined) return undefined;
  try {
    const details = readDetails(container.directory);
    return { result: await use({ fd, ids: ContainerIds.running(details), running: true, details }) };
  } finally {
    closeSync(fd);
  }
}

/** By the pid, and only then a look whether it was still the container's: a pid is used again. */
function openRunning(gate: Gate, { pid, record }: ContainerState): number | undefined {
  const fd = openRoot(gate, pid as number);
  if (fd !== undefined && record.process && isAlive(record.process)) return fd;
  if (fd !== undefined) closeSync(fd);
  return undefined;
}

function openRoot(gate: Gate, pid: number): number | undefined {
  try {
    return gate.call('openat', AT_FDCWD, `/proc/${pid}/root`, O_PATH | O_CLOEXEC | oDirectory(gate.arch), 0);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

async function ofStopped<Result>(
  engine: Engine,
  id: string,
  what: string,
  use: (root: Rootfs) => Promise<Result>,
): Promise<Result> {
  const container = readContainer(engine.paths.root, id);
  if (!container || container.state === 'creating' || container.state === 'removing') {
    throw new TsboxError('ERR_TSBOX_CONTAINER_STATE', { what, why: 'it is being made, or removed' });
  }
  const details = readDetails(container.directory);
  const holder = await Holder.start(engine, container, details);
  let fd: number | undefined;
  try {
    fd = openRoot(engine.gate, holder.pid);
    if (fd === undefined) throw new Error('the process that holds the file system has died');
    return await use({ fd, ids: ContainerIds.onDisk(engine.host, details), running: false, details });
  } finally {
    if (fd !== undefined) closeSync(fd);
    holder.close();
  }
}
