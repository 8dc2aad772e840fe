import { type Arch, syscallNumber } from '../../../core/kernel/syscalls.js';
import { BASE, CONTROL_FD, FLAG_LAST, HEADER, KINDS, OP, PROGRAM_TRACED } from '../../../core/program/layout.js';

const POLLRDHUP = 0x2000;

/** How many ops an encoded program has. */
export function opCount(program: Buffer): number {
  return program.readUInt32LE(HEADER.count);
}

/** What an op is: {@link KINDS}. */
export function opKind(program: Buffer, index: number): number {
  return program.readUInt16LE(offsetOf(program, HEADER.ops) + index * OP.size + OP.kind);
}

/** The same program, in which one op fails: its tolerance stays as it is. */
export function failingAt(program: Buffer, index: number, errno: number): Buffer {
  const changed = Buffer.from(program);
  const at = offsetOf(program, HEADER.ops) + index * OP.size;
  changed.writeUInt16LE(KINDS.fail, at + OP.kind);
  changed.writeUInt16LE(changed.readUInt16LE(at + OP.flags) & FLAG_LAST, at + OP.flags);
  changed.writeBigUInt64LE(BigInt(errno), at + OP.args);
  return changed;
}

/**
 * The same program with one op more, before op `index`: it waits until the engine is gone. Ops are
 * addressed by distance, so jumps over the new one become longer by one.
 */
export function waitingAt(program: Buffer, index: number, arch: Arch): Buffer {
  const count = opCount(program);
  const from = offsetOf(program, HEADER.ops);
  const table = Buffer.alloc((count + 1) * OP.size);
  program.copy(table, 0, from, from + index * OP.size);
  program.copy(table, (index + 1) * OP.size, from + index * OP.size, from + count * OP.size);
  for (let i = 0; i < index; i++) lengthenJumps(table, i, index);
  const lists = Buffer.alloc((count + 1) * 12 + 8);
  const pollfd = Buffer.alloc(8);
  pollfd.writeInt32LE(CONTROL_FD, 0);
  pollfd.writeInt16LE(POLLRDHUP, 4);
  const places = [program.length, program.length + table.length, program.length + table.length + lists.length];
  const [ops = 0, times = 0, poll = 0] = places;
  writePoll(table, index, poll, arch);
  const changed = Buffer.concat([program, table, lists, pollfd]);
  changed.writeUInt32LE(count + 1, HEADER.count);
  changed.writeBigUInt64LE(BASE + BigInt(ops), HEADER.ops);
  changed.writeBigUInt64LE(BASE + BigInt(times), HEADER.times);
  changed.writeBigUInt64LE(BASE + BigInt(times + (count + 1) * 8), HEADER.outcomes);
  return changed;
}

/** The same program, which notes when each op began. */
export function traced(program: Buffer): Buffer {
  const changed = Buffer.from(program);
  changed.writeUInt32LE(changed.readUInt32LE(HEADER.flags) | PROGRAM_TRACED, HEADER.flags);
  return changed;
}

/** Of a traced program that has run: the ops that were not jumped over. */
export function executedOps(program: Buffer): number[] {
  const times = offsetOf(program, HEADER.times);
  return Array.from({ length: opCount(program) }, (_, index) => index).filter(
    (index) => program.readBigUInt64LE(times + index * 8) !== 0n,
  );
}

/** The op that is being executed, and the pid of the container's first process (0 before the clone). */
export function progress(header: Buffer): { current: number; child: number } {
  return { current: header.readInt32LE(HEADER.current), child: header.readInt32LE(HEADER.child) };
}

function offsetOf(program: Buffer, field: number): number {
  return Number(program.readBigUInt64LE(field) - BASE);
}

function lengthenJumps(table: Buffer, op: number, inserted: number): void {
  for (const field of [OP.skipOnError, OP.skipOnSuccess]) {
    const at = op * OP.size + field;
    const skip = table.readUInt16LE(at);
    // It lands at op + 1 + skip; what lands on the op itself meets the new one before it.
    if (op + 1 + skip > inserted) table.writeUInt16LE(skip + 1, at);
  }
}

function writePoll(table: Buffer, index: number, pollfd: number, arch: Arch): void {
  const at = index * OP.size;
  table.fill(0, at, at + OP.size);
  table.writeUInt16LE(KINDS.syscall, at + OP.kind);
  table.writeInt32LE(syscallNumber('ppoll', arch), at + OP.number);
  table.writeBigUInt64LE(BASE + BigInt(pollfd), at + OP.args);
  table.writeBigUInt64LE(1n, at + OP.args + 8);
}
