import { type ChildProgram, KEYCTL_JOIN_SESSION_KEYRING, type Launch, TIOCSCTTY } from '../../core/plugin/index.js';

const KEYRING_HINT =
  'EDQUOT: this user has as many keyrings as kernel.keys.maxkeys allows; raise it with ' +
  '"sysctl kernel.keys.maxkeys=2000". EPERM: a seccomp filter around tsbox forbids keyctl(2)';

/** A session of its own: no terminal and no keys of whoever started the container. */
export function startSession(child: ChildProgram, launch: Launch): void {
  const { inside } = child;
  inside.call('setsid', [], { note: 'without the terminal of the caller' });
  if (launch.entering) recordEnteringSession(child, launch);
  else recordTerminal(child, launch);
  // ENOSYS: a kernel without key rings has none to inherit.
  inside.call('keyctl', [KEYCTL_JOIN_SESSION_KEYRING, null], {
    tolerate: ['ENOSYS'],
    note: 'a session keyring of its own',
    hint: KEYRING_HINT,
  });
}

function recordTerminal({ inside, shared: { terminal } }: ChildProgram, launch: Launch): void {
  if (!terminal) return;
  inside.call('ioctl', [terminal, TIOCSCTTY, 0], { note: 'its own terminal' });
  // As root: a user that may not own its terminal could not reopen /dev/stdout. -1 keeps the group.
  if (launch.command.uid !== 0) inside.call('fchown', [terminal, launch.command.uid, -1]);
  for (const fd of [0, 1, 2]) inside.call('dup3', [terminal, fd, 0]);
}

/**
 * The command leads a session too, but its process must not be born into ours: whoever traces it could open
 * /dev/tty before it has its own. The engine gave it its terminal, if it has one, as 0, 1 and 2.
 */
function recordEnteringSession({ inside, command }: ChildProgram, launch: Launch): void {
  command.call('setsid', [], { note: 'a session of its own' });
  if (!launch.spec.tty) return;
  // Where the engine is not root of the host, only root of the container can give it away.
  const { uid } = launch.command;
  if (uid !== 0 && !launch.host.privileged) inside.call('fchown', [0, uid, -1], { note: 'its terminal is its own' });
  command.call('ioctl', [0, TIOCSCTTY, 0], { note: 'its own terminal' });
}
