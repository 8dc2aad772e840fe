import { existsSync } from 'node:fs';
import type { LaunchState } from '../engine/launch-state.js';
import type { MountSpec } from '../plugin/spec.js';

interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

const HARMLESS = ['nosuid', 'nodev', 'noexec'] as const;
/** Of the group "tty", where the user namespace has it. */
const TTY_GROUP = 5;

/** What is mounted in every container, and what was asked for, each after the one that it lies in. */
export function ociMounts(state: LaunchState): OciMount[] {
  return [...kernelViews(state), ...devices(state), ...state.spec.mounts.map((mount) => userMount(state, mount))];
}

function kernelViews({ spec, namespaces }: LaunchState): OciMount[] {
  const readOnly = spec.security.privileged ? 'rw' : 'ro';
  const hasHostSys = namespaces.has('user') && !namespaces.has('net');
  const sys = hasHostSys
    ? { destination: '/sys', type: 'none', source: '/sys', options: ['rbind', ...HARMLESS, 'ro'] }
    : { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...HARMLESS, readOnly] };
  const cgroups = { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...HARMLESS, readOnly] };
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: [...HARMLESS] },
    sys,
    ...(hasHostSys ? [] : [cgroups]),
  ];
}

function devices({ spec, idMaps, namespaces }: LaunchState): OciMount[] {
  const hasGroup = !idMaps || idMaps.gids.some(({ inside, size }) => TTY_GROUP >= inside && TTY_GROUP < inside + size);
  const pts = ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', ...(hasGroup ? ['gid=5'] : [])];
  const isHostIpc = spec.namespaces.ipc === 'host';
  const shm = { destination: '/dev/shm', type: 'tmpfs', source: 'shm' };
  return [
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: pts },
    isHostIpc
      ? bind('/dev/shm', '/dev/shm', ['rbind'])
      : { ...shm, options: [...HARMLESS, 'mode=1777', `size=${spec.shmSize}`] },
    ...messageQueues(isHostIpc && namespaces.has('user')),
  ];
}

/** @param foreign those of the host, which a user namespace can only bind, where the host has them mounted */
function messageQueues(foreign: boolean): OciMount[] {
  if (!foreign) return [{ destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: [...HARMLESS] }];
  return existsSync('/dev/mqueue') ? [bind('/dev/mqueue', '/dev/mqueue', ['bind'])] : [];
}

function userMount({ volumes }: LaunchState, mount: MountSpec): OciMount {
  const { target } = mount;
  const readOnly = mount.readOnly ? ['ro'] : [];
  if (mount.type === 'bind') {
    const { source, recursive, propagation } = mount;
    return bind(source, target, [recursive ? 'rbind' : 'bind', ...readOnly, `r${propagation ?? 'private'}`]);
  }
  if (mount.type === 'volume') return bind(volumes.get(target) ?? target, target, ['rbind', ...readOnly, 'rprivate']);
  const { size, mode = 0o1777, options } = mount;
  const flags = HARMLESS.filter((name) => options.lastIndexOf(name) >= options.lastIndexOf(name.slice(2)));
  const sizes = [`mode=${mode.toString(8)}`, ...(size === undefined ? [] : [`size=${size}`])];
  return { destination: target, type: 'tmpfs', source: 'tmpfs', options: [...flags, ...readOnly, ...sizes] };
}

function bind(source: string, destination: string, options: readonly string[]): OciMount {
  return { destination, type: 'bind', source, options };
}
