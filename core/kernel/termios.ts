import type { Gate } from './gate.js';

/**
 * Terminal attributes: termios(3), ioctl_tty(2). `struct termios` of the kernel, the same on x64 and
 * arm64: four 32-bit flag words (input, output, control, local), a line discipline, 19 characters.
 */
const TCGETS = 0x5401;
const TCSETSW = 0x5403;
const SIZE = 36;
const LOCAL_FLAGS = 12;

const IGNBRK_BRKINT_PARMRK_ISTRIP = 0o1 | 0o2 | 0o10 | 0o40;
const INLCR_IGNCR_ICRNL_IXON = 0o100 | 0o200 | 0o400 | 0o2000;
const OPOST = 0o1;
const CSIZE_PARENB = 0o60 | 0o400;
const CS8 = 0o60;
const ECHO_ECHONL_ICANON_ISIG_IEXTEN = 0o10 | 0o100 | 0o2 | 0o1 | 0o100000;
const VTIME = 17 + 5;
const VMIN = 17 + 6;

/** The attributes of a terminal, as the kernel has them. @throws SyscallError ENOTTY */
export function readTermios(gate: Gate, fd: number): Buffer {
  const termios = Buffer.alloc(SIZE);
  gate.call('ioctl', fd, TCGETS, termios);
  return termios;
}

/** Sets them once what was written has gone out. */
export function writeTermios(gate: Gate, fd: number, termios: Buffer): void {
  gate.call('ioctl', fd, TCSETSW, termios);
}

/** cfmakeraw(3). libuv's raw mode, which Node has, keeps translating line ends in the output. */
export function rawTermios(termios: Buffer): Buffer {
  const raw = Buffer.from(termios);
  clear(raw, 0, IGNBRK_BRKINT_PARMRK_ISTRIP | INLCR_IGNCR_ICRNL_IXON);
  clear(raw, 4, OPOST);
  clear(raw, 8, CSIZE_PARENB);
  raw.writeUInt32LE((raw.readUInt32LE(8) | CS8) >>> 0, 8);
  clear(raw, LOCAL_FLAGS, ECHO_ECHONL_ICANON_ISIG_IEXTEN);
  raw[VMIN] = 1;
  raw[VTIME] = 0;
  return raw;
}

function clear(termios: Buffer, offset: number, flags: number): void {
  termios.writeUInt32LE((termios.readUInt32LE(offset) & ~flags) >>> 0, offset);
}
