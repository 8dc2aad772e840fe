import {
  type ChildProgram,
  Memory,
  O_CLOEXEC,
  O_NOCTTY,
  O_RDWR,
  Pointer,
  type Recorder,
  type Slot,
  type Spec,
  TIOCGPTPEER,
  TIOCSPTLCK,
  TIOCSWINSZ,
  TTY_SOCKET_FD,
} from '../../core/plugin/index.js';

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/** struct cmsghdr with one descriptor; CMSG_SPACE rounds it up. cmsg(3) */
const CMSG = { length: 20, space: 24, level: 8, type: 12, data: 16 } as const;

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
  send(outside, TTY_SOCKET_FD, master);
  outside.call('close', [master]);
  outside.call('close', [TTY_SOCKET_FD]);
  child.shared.terminal = terminal;
  return terminal;
}

/** unix(7), SCM_RIGHTS: one byte, and with it a descriptor. */
function send(recorder: Recorder, socket: number, fd: Slot): void {
  const control = new Memory(CMSG.space, 'cmsg')
    .u64(0, BigInt(CMSG.length))
    .u32(CMSG.level, SOL_SOCKET)
    .u32(CMSG.type, SCM_RIGHTS);
  const vector = new Memory(16, 'iovec').pointer(0, new Memory(1, 'byte')).u64(8, 1n);
  const header = new Memory(56, 'msghdr')
    .pointer(16, vector)
    .u64(24, 1n)
    .pointer(32, control)
    .u64(40, BigInt(CMSG.space));
  recorder.copy(control.at(CMSG.data), new Pointer(fd), 4);
  recorder.call('sendmsg', [socket, header, 0], { note: 'the terminal, for the engine' });
}
