import { closeSync, readFileSync, readlinkSync } from 'node:fs';
import { hasCode } from '../kernel/error.js';
import { O_CLOEXEC, O_PATH, oDirectory } from '../kernel/fcntl.js';
import type { Gate } from '../kernel/gate.js';
import { AT_FDCWD } from '../kernel/mount.js';
import { TsboxError } from '../plugin/error.js';
import type { IdMapping, IdMaps, NamespaceName } from '../plugin/launch.js';
import { type ContainerState, requireContainer } from '../state/containers.js';
import { isAlive, type ProcessIdentity } from '../state/process-identity.js';

/** Names of /proc/PID/ns. */
const LINKS: Readonly<Record<NamespaceName, string>> = {
  mount: 'mnt',
  cgroup: 'cgroup',
  uts: 'uts',
  ipc: 'ipc',
  user: 'user',
  pid: 'pid',
  net: 'net',
  time: 'time',
};

/** A running container that is about to be entered: what its first process is and has, by descriptors. */
export interface ExecTarget {
  readonly container: ContainerState;
  readonly process: ProcessIdentity;
  readonly pidfd: number;
  /** Its root directory (O_PATH). */
  readonly root: number;
  /** Those that are not ours. */
  readonly namespaces: ReadonlySet<NamespaceName>;
  /** Of its user namespace, where that is not ours. */
  readonly idMaps: IdMaps | undefined;
}

/** Finds a container and opens what leads into it. The caller closes it. @throws TsboxError where it does not run */
export function openTarget(gate: Gate, stateRoot: string, reference: string): ExecTarget {
  const container = requireContainer(stateRoot, reference);
  const { process } = container.record;
  if (container.state === 'paused') throw cannotExec(reference, 'the container is paused', 'unpause');
  if (container.state !== 'running' || !process) throw notRunning(reference);
  const opened: number[] = [];
  try {
    const pidfd = gate.call('pidfd_open', process.pid, 0);
    opened.push(pidfd);
    const flags = O_PATH | O_CLOEXEC | oDirectory(gate.arch);
    const root = gate.call('openat', AT_FDCWD, `/proc/${process.pid}/root`, flags, 0);
    opened.push(root);
    const namespaces = foreignNamespaces(process.pid);
    const idMaps = namespaces.has('user') ? readMaps(process.pid) : undefined;
    // Only now: all of it was that process's, and not of a later one with its pid.
    if (!isAlive(process)) throw notRunning(reference);
    return { container, process, pidfd, root, namespaces, idMaps };
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw isAlive(process) ? error : notRunning(reference);
  }
}

export function closeTarget({ pidfd, root }: ExecTarget): void {
  closeSync(pidfd);
  closeSync(root);
}

export function notRunning(reference: string): TsboxError {
  return cannotExec(reference, 'the container is not running', 'start');
}

function cannotExec(reference: string, why: string, command: string): TsboxError {
  const what = `cannot execute a command in ${reference}`;
  return new TsboxError('ERR_TSBOX_CONTAINER_STATE', { what, why, fix: `tsbox ${command} ${reference}` });
}

function foreignNamespaces(pid: number): Set<NamespaceName> {
  const names = Object.keys(LINKS) as NamespaceName[];
  return new Set(names.filter((name) => namespaceOf(pid, name) !== namespaceOf('self', name)));
}

/** `mnt:[4026531841]`; undefined on a kernel without that kind. */
function namespaceOf(pid: number | 'self', name: NamespaceName): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${LINKS[name]}`);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function readMaps(pid: number): IdMaps {
  const setgroups = readFileSync(`/proc/${pid}/setgroups`, 'utf8').trim();
  return {
    uids: readMap(`/proc/${pid}/uid_map`),
    gids: readMap(`/proc/${pid}/gid_map`),
    ...(setgroups === 'deny' && { setgroups: 'deny' }),
  };
}

/** user_namespaces(7). */
function readMap(path: string): IdMapping[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, inside, outside, size] = /^\s*(\d+)\s+(\d+)\s+(\d+)$/.exec(line) ?? [];
      return size === undefined ? [] : [{ inside: Number(inside), outside: Number(outside), size: Number(size) }];
    });
}
