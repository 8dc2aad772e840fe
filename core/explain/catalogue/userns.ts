import type { CatalogueEntry, Failure } from '../diagnosis.js';
import { hasErrno, isAction } from '../facts.js';

/** User namespaces, and the other ones. */
export const USERNS: readonly CatalogueEntry[] = [
  {
    id: 'userns-max-zero',
    title: 'User namespaces are switched off by user.max_user_namespaces',
    why: 'The sysctl user.max_user_namespaces is 0, in this user namespace or in one above it: none can be made.',
    fix: ['sysctl -w user.max_user_namespaces=15000', 'or run tsbox as root with --userns=host'],
    see: ['user_namespaces(7)', 'namespaces(7)'],
    match: (failure) =>
      makesUserNamespace(failure) && hasErrno(failure.facts, 'ENOSPC') && limit(failure, 'user') === '0'
        ? {}
        : undefined,
  },
  {
    id: 'userns-unprivileged-clone',
    title: "Debian's switch forbids user namespaces of ordinary users",
    why: 'The sysctl kernel.unprivileged_userns_clone is 0: only root may make user namespaces.',
    fix: ['sudo sysctl -w kernel.unprivileged_userns_clone=1', 'or run tsbox as root'],
    see: ['user_namespaces(7)', 'sysctl.d(5)'],
  },
  {
    id: 'userns-apparmor',
    title: 'AppArmor restricts user namespaces of ordinary users',
    why: 'The sysctl kernel.apparmor_restrict_unprivileged_userns is 1 (Ubuntu 23.10 and later): a user namespace of a program without a profile has no capabilities, so that nothing can be mounted in it.',
    fix: [
      'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
      'or give node an AppArmor profile with the rule "userns,"',
      'or run tsbox as root',
    ],
    see: ['apparmor.d(5)', 'user_namespaces(7)'],
  },
  {
    id: 'userns-not-in-kernel',
    title: 'The kernel has no user namespaces',
    why: 'It was built without CONFIG_USER_NS.',
    fix: ['use a kernel with CONFIG_USER_NS=y', 'or run tsbox as root with --userns=host'],
    see: ['user_namespaces(7)'],
  },
  {
    id: 'userns-in-chroot',
    title: 'A user namespace cannot be made inside a chroot',
    why: 'The kernel refuses it to a process whose root directory is not that of its mount namespace: user_namespaces(7).',
    fix: [
      'run tsbox outside of the chroot',
      'or enter the tree with pivot_root(2): unshare -m, systemd-nspawn or tsbox do that',
    ],
    see: ['user_namespaces(7)', 'chroot(2)'],
    match: (failure) =>
      makesUserNamespace(failure) && hasErrno(failure.facts, 'EPERM') && inChroot(failure) ? {} : undefined,
  },
  {
    id: 'userns-seccomp',
    title: 'A seccomp filter refuses namespaces',
    why: 'This process runs with a seccomp filter, as in docker, which refuses to make namespaces.',
    fix: [
      'in docker or podman: run the outer container with --security-opt seccomp=unconfined',
      'in systemd: look at RestrictNamespaces= and SystemCallFilter= of the unit',
    ],
    see: ['seccomp(2)', 'user_namespaces(7)'],
    match: (failure) =>
      isClone(failure) && hasErrno(failure.facts, 'EPERM', 'ENOSYS') && !inChroot(failure) && filtered(failure)
        ? {}
        : undefined,
  },
  {
    id: 'userns-refused',
    title: 'The kernel refuses a user namespace',
    why: 'No known switch is off: a security module refuses it, a patch of this kernel, or tsbox runs in a chroot into a mount point.',
    fix: ['dmesg may say who: look for apparmor, selinux or lockdown', 'or run tsbox as root with --userns=host'],
    see: ['user_namespaces(7)'],
    match: (failure) =>
      makesUserNamespace(failure) && hasErrno(failure.facts, 'EPERM') && !inChroot(failure) && !filtered(failure)
        ? {}
        : undefined,
  },
  {
    id: 'namespace-limit',
    title: 'There are as many namespaces as are allowed',
    why: 'A limit of /proc/sys/user is reached: each user may have so many namespaces of a kind.',
    fix: [
      'sysctl user shows the limits; raise the one that is reached: sysctl -w user.max_mnt_namespaces=15000',
      'tsbox ps shows containers that could be stopped',
    ],
    see: ['namespaces(7)'],
    match: (failure) => {
      if (!isClone(failure) || !hasErrno(failure.facts, 'ENOSPC')) return undefined;
      const zero = failure.launch?.namespaces?.find((name) => limit(failure, sysctlName(name)) === '0');
      if (zero === 'user' || mountTableFull(failure)) return undefined;
      if (zero === undefined) return {};
      const name = `user.max_${sysctlName(zero)}_namespaces`;
      return { why: `${name} is 0: no ${zero} namespace can be made`, fix: [`sysctl -w ${name}=15000`] };
    },
  },
  {
    id: 'uidmap-missing',
    title: 'newuidmap and newgidmap are missing',
    why: 'An ordinary user gets more than one id in a container only through these two programs, which have the privilege to write id maps; they are not installed, or have lost their set-user-ID bit.',
    fix: ['sudo apt-get install uidmap', 'or run as root inside: -u 0:0, which needs one id only'],
    see: ['newuidmap(1)', 'user_namespaces(7)'],
  },
  {
    id: 'subuid-missing',
    title: 'You have no subordinate ids',
    why: '/etc/subuid and /etc/subgid give each user ids for containers; there is no line for this user.',
    fix: [
      'sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER',
      'or run as root inside: -u 0:0, which needs one id only',
    ],
    see: ['subuid(5)', 'usermod(8)'],
  },
  {
    id: 'needs-root',
    title: 'Only root can do that',
    why: 'Without a user namespace the other namespaces, cgroups of the system and links of the host belong to root.',
    fix: ['run tsbox as root', 'or leave the driver out: auto takes what an ordinary user can have'],
    see: ['capabilities(7)'],
  },
];

function isClone({ facts }: Failure): boolean {
  return isAction(facts, 'clone3', 'clone', 'unshare');
}

function makesUserNamespace(failure: Failure): boolean {
  return isClone(failure) && (failure.launch?.namespaces?.includes('user') ?? false);
}

function limit({ host }: Failure, name: string): string | undefined {
  return host.read(`/proc/sys/user/max_${name}_namespaces`);
}

function sysctlName(namespace: string): string {
  return namespace === 'mount' ? 'mnt' : namespace;
}

/** In a chroot no mount is at `/`, unless the tree is a mount itself. */
function inChroot({ host }: Failure): boolean {
  const mounts = host.mounts();
  return mounts.length > 0 && !mounts.some(({ target }) => target === '/');
}

function filtered({ host }: Failure): boolean {
  return /^Seccomp:\s*2$/m.test(host.read('/proc/self/status') ?? '');
}

/** A new mount namespace has all mounts of the old one. */
export function mountTableFull({ host }: Failure): boolean {
  const most = Number(host.read('/proc/sys/fs/mount-max') ?? Number.NaN);
  return host.mounts().length > most * 0.9;
}
