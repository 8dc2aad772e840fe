import {
  type ChildProgram,
  Memory,
  O_CLOEXEC,
  O_NOCTTY,
  O_RDWR,
  type Slot,
  type Spec,
  TIOCGPTPEER,
  TIOCSPTLCK,
  TIOCSWINSZ,
  TTY_SOCKET_FD,
} from '../../core/plugin/index.js';

/**
 * A pseudo terminal of the container's own devpts, before that is attached anywhere; the master goes
 * to the engine. TIOCGPTPEER takes no path, so nobody can put something else in the place of
 * /dev/pts/0 (CVE-2025-52565).
 * @returns the container's side
 */
export function openTerminal(child: ChildProgram, pts: Slot, size?: Spec['terminalSize']): Slot {
  const { outside } = child;
  const flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
  const master = outside.callTo('master', 'openat', [pts, 'ptmx', flags, 0]);
  outside.call('ioctl', [master, TIOCSPTLCK, new Memory(4, 'unlock')]);
  const terminal = outside.callTo('terminal', 'ioctl', [master, TIOCGPTPEER, flags]);
  if (size)
    outside.call('ioctl', [master, TIOCSWINSZ, new Memory(8, 'winsize').u32(0, (size.columns << 16) | size.rows)]);
  child.send(TTY_SOCKET_FD, master, 'the terminal, for the engine');
  outside.call('close', [master]);
  outside.call('close', [TTY_SOCKET_FD]);
  child.shared.terminal = terminal;
  return terminal;
}
