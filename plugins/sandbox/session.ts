import { type ChildProgram, KEYCTL_JOIN_SESSION_KEYRING, type Launch, TIOCSCTTY } from '../../core/plugin/index.js';

const KEYRING_HINT =
  'EDQUOT: this user has as many keyrings as kernel.keys.maxkeys allows; raise it with ' +
  '"sysctl kernel.keys.maxkeys=2000". EPERM: a seccomp filter around tsbox forbids keyctl(2)';

/** A session of its own: no terminal and no keys of whoever started the container. */
export function startSession({ inside, shared }: ChildProgram, launch: Launch): void {
  inside.call('setsid', [], { note: 'without the terminal of the caller' });
  if (shared.terminal) {
    inside.call('ioctl', [shared.terminal, TIOCSCTTY, 0], { note: 'its own terminal' });
    // As root: a user that may not own its terminal could not reopen /dev/stdout. -1 keeps the group.
    if (launch.command.uid !== 0) inside.call('fchown', [shared.terminal, launch.command.uid, -1]);
    for (const fd of [0, 1, 2]) inside.call('dup3', [shared.terminal, fd, 0]);
  }
  // ENOSYS: a kernel without key rings has none to inherit.
  inside.call('keyctl', [KEYCTL_JOIN_SESSION_KEYRING, null], {
    tolerate: ['ENOSYS'],
    note: 'a session keyring of its own',
    hint: KEYRING_HINT,
  });
}
