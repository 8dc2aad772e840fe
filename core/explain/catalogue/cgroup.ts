import type { CatalogueEntry } from '../diagnosis.js';
import { hasErrno } from '../facts.js';

/** Limits by cgroups. */
export const CGROUP: readonly CatalogueEntry[] = [
  {
    id: 'cgroup-not-mounted',
    title: 'No cgroup hierarchy is mounted',
    why: 'Limits are kept in cgroups, which are used through a file system that is not mounted here.',
    fix: ['mount -t cgroup2 none /sys/fs/cgroup', 'or --resources=none, without limits'],
    see: ['cgroups(7)'],
    match: ({ facts }) =>
      hasErrno(facts, 'ENOENT') &&
      facts.path?.startsWith('/sys/fs/cgroup/') &&
      /\/cgroup\.(controllers|procs)$/.test(facts.path)
        ? { why: `${facts.path} is not there, though its hierarchy is mounted: another mount hides it` }
        : undefined,
  },
  {
    id: 'cgroup-read-only',
    title: 'The cgroup file system is read-only',
    why: 'A cgroup for the container cannot be made, as inside of a container that was not given its cgroups.',
    fix: [
      'mount -o remount,rw /sys/fs/cgroup',
      'in docker: run the outer container with --privileged, or --cgroupns=private and a writable /sys/fs/cgroup',
      'or --resources=none, without limits',
    ],
    see: ['cgroups(7)'],
    match: ({ facts }) =>
      hasErrno(facts, 'EROFS') && /\/sys\/fs\/cgroup/.test(facts.path ?? facts.target) ? {} : undefined,
  },
  {
    id: 'cgroup-controller-missing',
    title: 'A cgroup controller is missing',
    why: 'The limit that was asked for is enforced by a controller that is not mounted (v1), not delegated (v2), or not in this kernel.',
    fix: [
      'cat /proc/cgroups shows what the kernel has; memory may need cgroup_enable=memory on its command line',
      'v1: mount -t cgroup -o CONTROLLER none /sys/fs/cgroup/CONTROLLER',
      'v2 under systemd: Delegate=yes in the unit',
    ],
    see: ['cgroups(7)'],
  },
  {
    id: 'cgroup-occupied',
    title: 'Processes are in the cgroup that should hold others',
    why: 'In cgroup v2 a cgroup holds either processes or cgroups with limits (the "no internal process" rule).',
    fix: ['mkdir /sys/fs/cgroup/init, and move each process of /sys/fs/cgroup/cgroup.procs there'],
    see: ['cgroups(7)'],
  },
  {
    id: 'limit-refused',
    title: 'The kernel refuses a limit',
    why: 'The file of the limit is not there in this kernel, or does not take this value.',
    fix: ['leave the limit out', 'or choose another value'],
    see: ['cgroups(7)'],
  },
];
