import type { Gate } from './gate.js';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_SEQPACKET = 5;
const SOCK_CLOEXEC = 0x80000;
const MSG_DONTWAIT = 0x40;
const MSG_CMSG_CLOEXEC = 0x40000000;
const MSG_NOSIGNAL = 0x4000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const F_DUPFD_CLOEXEC = 1030;
/** Above every descriptor that a launcher is given, so that dup2 in the child overwrites no source. */
const SAFE_FD = 64;

/** Two connected stream sockets, close-on-exec. */
export function socketPair(gate: Gate): [number, number] {
  const pair = new Int32Array(2);
  gate.call('socketpair', AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, new Uint8Array(pair.buffer));
  return [pair[0] as number, pair[1] as number];
}

/** The same with messages that keep their boundaries. */
export function packetPair(gate: Gate): [number, number] {
  const pair = new Int32Array(2);
  gate.call('socketpair', AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, new Uint8Array(pair.buffer));
  return [pair[0] as number, pair[1] as number];
}

/** A pipe, close-on-exec: `[read, write]`. */
export function pipe(gate: Gate): [number, number] {
  const pair = new Int32Array(2);
  gate.call('pipe2', new Uint8Array(pair.buffer), SOCK_CLOEXEC);
  return [pair[0] as number, pair[1] as number];
}

/** A duplicate whose number no launcher descriptor has. */
export function duplicateHigh(gate: Gate, fd: number): number {
  return gate.call('fcntl', fd, F_DUPFD_CLOEXEC, SAFE_FD);
}

/**
 * Takes one descriptor that was sent over a unix socket (unix(7), SCM_RIGHTS).
 * @returns undefined when none is there yet, or ever will be.
 */
export function receiveDescriptor(gate: Gate, socket: number): number | undefined {
  const data = Buffer.alloc(8);
  const vector = Buffer.alloc(16);
  const control = Buffer.alloc(32);
  const header = Buffer.alloc(56);
  vector.writeBigUInt64LE(gate.address(data), 0);
  vector.writeBigUInt64LE(8n, 8);
  header.writeBigUInt64LE(gate.address(vector), 16);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(gate.address(control), 32);
  header.writeBigUInt64LE(24n, 40);
  const length = gate.call('recvmsg', socket, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (length <= 0 || header.readBigUInt64LE(40) < 20n) return undefined;
  return control.readInt32LE(16);
}

/** Sends descriptors with one byte of data: one message of unix(7), SCM_RIGHTS, which a child's `receive` takes. */
export function sendDescriptors(gate: Gate, socket: number, fds: readonly number[]): void {
  const data = Buffer.from('F');
  const length = 16 + fds.length * 4;
  const control = Buffer.alloc(Math.ceil(length / 8) * 8);
  control.writeBigUInt64LE(BigInt(length), 0);
  control.writeInt32LE(SOL_SOCKET, 8);
  control.writeInt32LE(SCM_RIGHTS, 12);
  for (const [index, fd] of fds.entries()) control.writeInt32LE(fd, 16 + index * 4);
  const vector = Buffer.alloc(16);
  vector.writeBigUInt64LE(gate.address(data), 0);
  vector.writeBigUInt64LE(1n, 8);
  const header = Buffer.alloc(56);
  header.writeBigUInt64LE(gate.address(vector), 16);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(gate.address(control), 32);
  header.writeBigUInt64LE(BigInt(control.length), 40);
  gate.call('sendmsg', socket, header, MSG_NOSIGNAL);
}
