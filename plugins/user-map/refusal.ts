import { readFileSync } from 'node:fs';
import { type Host, type Support, unsupported, WORKS } from '../../core/plugin/index.js';

/** Reads a file of /proc; undefined where this kernel has none or does not tell. Tests bring their own. */
export type ReadProc = (path: string) => string | undefined;

export const readProc: ReadProc = (path) => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // Missing, or EINVAL: /proc/self/attr has its files even where no security module answers.
    return undefined;
  }
};

/**
 * Whether this host lets the caller make a user namespace. The kernel answers every refusal with
 * EPERM or ENOSPC, so the known switches are read instead of guessed from the errno.
 */
export function usernsSupport(host: Host, read: ReadProc = readProc): Support {
  if (read('/proc/self/uid_map') === undefined) {
    return unsupported(
      'this kernel has no user namespaces',
      'use a kernel with CONFIG_USER_NS=y',
      'userns-not-in-kernel',
    );
  }
  if (read('/proc/sys/user/max_user_namespaces') === '0') {
    return unsupported(
      'user namespaces are switched off: user.max_user_namespaces is 0',
      'sysctl -w user.max_user_namespaces=15000',
      'userns-max-zero',
    );
  }
  return host.privileged ? WORKS : unprivilegedSupport(read);
}

/** Switches that concern only those without privileges. */
function unprivilegedSupport(read: ReadProc): Support {
  // A switch of Debian's and Ubuntu's kernels; upstream has none.
  if (read('/proc/sys/kernel/unprivileged_userns_clone') === '0') {
    return unsupported(
      'only root may make user namespaces: kernel.unprivileged_userns_clone is 0',
      'sudo sysctl -w kernel.unprivileged_userns_clone=1',
      'userns-unprivileged-clone',
    );
  }
  // Ubuntu 23.10: the namespace is made, but every capability in it is denied to unconfined programs.
  const confinement = read('/proc/self/attr/current') ?? 'unconfined';
  if (read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1' && confinement.startsWith('unconfined')) {
    return unsupported(
      'AppArmor takes all capabilities from user namespaces of ordinary users: ' +
        'kernel.apparmor_restrict_unprivileged_userns is 1',
      'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, ' +
        'or give node an AppArmor profile with the rule "userns,"',
      'userns-apparmor',
    );
  }
  return WORKS;
}

/** What else may be behind EPERM: shown when all switches are on and the kernel still says no. */
export const REFUSED_HINT =
  'user namespaces are refused by a seccomp filter (inside docker: run it with --security-opt seccomp=unconfined), ' +
  'by a security module, or because this process is in a chroot';

/** The owners of an image's files cannot be mapped. */
export const OLD_KERNEL = unsupported(
  'a range of ids for a container of root needs idmapped overlay layers, which came with Linux 5.19',
  'use --userns=host, or run tsbox as an ordinary user',
  'kernel-too-old',
);
