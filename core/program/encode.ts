import { checkedText } from '../kernel/gate.js';
import { errnoNumber } from '../kernel/errno.js';
import { type Arch, type SyscallName, syscallNumber } from '../kernel/syscalls.js';
import { BASE, FLAG_LAST, FLAG_STORE32, HEADER, KINDS, MAGIC, OP, PROGRAM_TRACED } from './layout.js';
import { Memory, type OpArg, Pointer, Slot } from './memory.js';
import { BLOCKS, type Label, type Op } from './op.js';
import type { Program } from './program.js';

const PAGE = 4096;
const MAX_SKIP = 0xffff;

/** A program as bytes, ready to be mapped at {@link BASE}, with the ops it was made of. */
export interface EncodedProgram {
  readonly bytes: Buffer;
  readonly ops: readonly Op[];
  readonly timesOffset: number;
  readonly outcomesOffset: number;
}

/** Encodes a program for an architecture. @throws RangeError on a jump that leads nowhere. */
export function encode(program: Program, arch: Arch, options: { trace?: boolean } = {}): EncodedProgram {
  return new Encoder(program, arch, options.trace ?? false).encode();
}

class Encoder {
  readonly #ops: readonly Op[];
  readonly #addresses = new Map<Memory | Slot | string | Uint8Array, number>();
  readonly #pieces: { offset: number; content: Memory | Buffer | Uint8Array }[] = [];
  #end: number;

  constructor(
    readonly program: Program,
    readonly arch: Arch,
    readonly traced: boolean,
  ) {
    this.#ops = program.ops;
    this.#end = HEADER.size + this.#ops.length * (OP.size + 8 + 4);
  }

  encode(): EncodedProgram {
    const count = this.#ops.length;
    const timesOffset = HEADER.size + count * OP.size;
    const outcomesOffset = timesOffset + count * 8;
    const table = Buffer.alloc(count * OP.size);
    this.#encodeOps(table);
    const bytes = Buffer.alloc(Math.ceil((this.#end + 64) / PAGE) * PAGE);
    bytes.writeBigUInt64LE(MAGIC, HEADER.magic);
    bytes.writeUInt32LE(count, HEADER.count);
    bytes.writeUInt32LE(this.traced ? PROGRAM_TRACED : 0, HEADER.flags);
    bytes.writeInt32LE(-1, HEADER.current);
    bytes.writeInt32LE(-1, HEADER.failed);
    bytes.writeBigUInt64LE(BASE + BigInt(HEADER.size), HEADER.ops);
    bytes.writeBigUInt64LE(BASE + BigInt(timesOffset), HEADER.times);
    bytes.writeBigUInt64LE(BASE + BigInt(outcomesOffset), HEADER.outcomes);
    table.copy(bytes, HEADER.size);
    this.#writePieces(bytes);
    return { bytes, ops: this.#ops, timesOffset, outcomesOffset };
  }

  #encodeOps(table: Buffer): void {
    let index = 0;
    for (const block of BLOCKS) {
      const ops = this.program.block(block);
      for (const [position, op] of ops.entries()) this.#encodeOp(table, index++, op, position, ops.length);
    }
  }

  #encodeOp(table: Buffer, index: number, op: Op, position: number, blockLength: number): void {
    const at = index * OP.size;
    table.writeUInt16LE(KINDS[op.kind], at + OP.kind);
    const isCall = op.kind === 'syscall' || op.kind === 'clone';
    table.writeInt32LE(isCall ? syscallNumber(op.name as SyscallName, this.arch) : 0, at + OP.number);
    let flags = op.width === 4 ? FLAG_STORE32 : 0;
    if (op.name === 'execve' || index + 1 === this.#ops.length) flags |= FLAG_LAST;
    for (const [i, arg] of op.args.entries()) {
      if (arg instanceof Slot) flags |= 1 << i;
      table.writeBigUInt64LE(this.#value(arg), at + OP.args + i * 8);
    }
    table.writeUInt16LE(flags, at + OP.flags);
    if (op.result) table.writeBigUInt64LE(this.#value(op.result), at + OP.result);
    for (const [i, name] of (op.tolerate?.errnos ?? []).entries()) {
      table.writeUInt16LE(errnoNumber(name), at + OP.tolerated + i * 2);
    }
    const skip = (label: Label | undefined) => distance(op, label, position, blockLength);
    table.writeUInt16LE(skip(op.tolerate?.goto), at + OP.skipOnError);
    table.writeUInt16LE(skip(op.goto), at + OP.skipOnSuccess);
  }

  #value(arg: OpArg): bigint {
    if (arg === null) return 0n;
    if (typeof arg === 'number' || typeof arg === 'bigint') return BigInt.asUintN(64, BigInt(arg));
    if (arg instanceof Pointer) return this.#address(arg.target) + BigInt(arg.offset);
    return this.#address(arg);
  }

  #address(target: Memory | Slot | string | Uint8Array): bigint {
    let offset = this.#addresses.get(target);
    if (offset === undefined) {
      offset = this.#reserve(contentOf(target));
      this.#addresses.set(target, offset);
    }
    return BASE + BigInt(offset);
  }

  #reserve(content: Memory | Buffer | Uint8Array): number {
    const offset = Math.ceil(this.#end / 8) * 8;
    const bytes = content instanceof Memory ? content.bytes : content;
    this.#end = offset + bytes.length;
    this.#pieces.push({ offset, content });
    // Pointers may lead to memory that has no place yet; reserve it now, so that the size is known.
    if (content instanceof Memory) for (const inner of content.pointers.values()) this.#value(inner);
    return offset;
  }

  #writePieces(bytes: Buffer): void {
    for (const { offset, content } of this.#pieces) {
      bytes.set(content instanceof Memory ? content.bytes : content, offset);
      if (!(content instanceof Memory)) continue;
      for (const [at, inner] of content.pointers) bytes.writeBigUInt64LE(this.#value(inner), offset + at);
    }
  }
}

function contentOf(target: Memory | Slot | string | Uint8Array): Memory | Buffer | Uint8Array {
  if (typeof target === 'string') return Buffer.from(`${checkedText(target)}\0`);
  return target instanceof Slot ? Buffer.alloc(8) : target;
}

/** How many ops a jump leaves out. A label after the block's last op leads into the next block. */
function distance(op: Op, label: Label | undefined, position: number, blockLength: number): number {
  if (!label) return 0;
  const { position: target } = label;
  if (target === undefined || target <= position || target > blockLength || target - position - 1 > MAX_SKIP) {
    throw new RangeError(`${op.plugin}: ${op.name} jumps to a label that was not placed after it`);
  }
  return target - position - 1;
}
