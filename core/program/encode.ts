import { errnoNumber } from '../kernel/errno.js';
import { checkedText } from '../kernel/gate.js';
import { type Arch, type SyscallName, syscallNumber } from '../kernel/syscalls.js';
import { monitorMemory } from './encode-monitor.js';
import { BASE, FLAG_LAST, FLAG_STORE32, HEADER, KINDS, MAGIC, OP, PROGRAM_TRACED } from './layout.js';
import { Memory, type OpArg, Pointer, Slot } from './memory.js';
import { BLOCKS, type Label, type Op, type Tolerance } from './op.js';
import type { Program } from './program.js';

const PAGE = 4096;
const MAX_SKIP = 0xffff;
const ADDRESS_BASE = Number(BASE);

/** A program as bytes, ready to be mapped at {@link BASE}, with the ops it was made of. */
export interface EncodedProgram {
  readonly bytes: Buffer;
  readonly ops: readonly Op[];
  /** One of them; undefined where there is none of that number. */
  op(index: number): Op | undefined;
  readonly timesOffset: number;
  readonly outcomesOffset: number;
  /** Where the variables are that were recorded. */
  readonly variables: readonly VariablePlace[];
}

/** Where in a program a variable is (memory.ts). */
export interface VariablePlace {
  readonly name: string;
  readonly offset: number;
}

/** Encodes a program for an architecture. @throws RangeError on a jump that leads nowhere. */
export function encode(program: Program, arch: Arch, options: { trace?: boolean } = {}): EncodedProgram {
  return new Encoder(program, arch, options.trace ?? false).encode();
}

/** Addresses and small numbers as numbers: BigInt for every one of them costs milliseconds in a cold process. */
type Word = number | bigint;

class Encoder {
  readonly #ops: readonly Op[];
  readonly #addresses = new Map<Memory | Slot | string | Uint8Array, number>();
  readonly #pieces: { offset: number; content: Memory | Uint8Array }[] = [];
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
    const table = new DataView(new ArrayBuffer(count * OP.size));
    this.#encodeOps(table);
    const { monitor } = this.program;
    const monitorAddress = monitor ? this.#address(monitorMemory(monitor)) : 0;
    const bytes = Buffer.alloc(Math.ceil((this.#end + 64) / PAGE) * PAGE);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    setWord(view, HEADER.magic, MAGIC);
    view.setUint32(HEADER.count, count, true);
    view.setUint32(HEADER.flags, this.traced ? PROGRAM_TRACED : 0, true);
    view.setInt32(HEADER.current, -1, true);
    view.setInt32(HEADER.failed, -1, true);
    setWord(view, HEADER.ops, ADDRESS_BASE + HEADER.size);
    setWord(view, HEADER.times, ADDRESS_BASE + timesOffset);
    setWord(view, HEADER.outcomes, ADDRESS_BASE + outcomesOffset);
    setWord(view, HEADER.monitor, monitorAddress);
    bytes.set(new Uint8Array(table.buffer), HEADER.size);
    this.#writePieces(bytes, view);
    const ops = this.#ops;
    const variables = this.#pieces.flatMap(({ offset, content }) => variablesOf(content, offset));
    return { bytes, ops, op: (index) => ops[index], timesOffset, outcomesOffset, variables };
  }

  #encodeOps(table: DataView): void {
    let index = 0;
    for (const block of BLOCKS) {
      const ops = this.program.block(block);
      // Plain loops: a launch encodes some five hundred ops.
      for (let position = 0; position < ops.length; position++) {
        this.#encodeOp(table, index++, ops[position] as Op, position, ops.length);
      }
    }
  }

  #encodeOp(table: DataView, index: number, op: Op, position: number, blockLength: number): void {
    const at = index * OP.size;
    table.setUint16(at + OP.kind, KINDS[op.kind], true);
    const isCall = op.kind === 'syscall' || op.kind === 'clone' || op.kind === 'enter';
    table.setInt32(at + OP.number, isCall ? syscallNumber(op.name as SyscallName, this.arch) : 0, true);
    let flags = op.width === 4 ? FLAG_STORE32 : 0;
    if (op.name === 'execve' || index + 1 === this.#ops.length) flags |= FLAG_LAST;
    for (let i = 0; i < op.args.length; i++) {
      const arg = op.args[i] as OpArg;
      if (arg instanceof Slot) flags |= 1 << i;
      setWord(table, at + OP.args + i * 8, this.#word(arg));
    }
    table.setUint16(at + OP.flags, flags, true);
    if (op.result) setWord(table, at + OP.result, this.#word(op.result));
    if (op.tolerate) this.#encodeTolerance(table, at, op, op.tolerate, position, blockLength);
    if (op.goto) table.setUint16(at + OP.skipOnSuccess, distance(op, op.goto, position, blockLength), true);
  }

  #encodeTolerance(
    table: DataView,
    at: number,
    op: Op,
    { errnos, goto }: Tolerance,
    position: number,
    blockLength: number,
  ): void {
    for (const [i, name] of errnos.entries()) table.setUint16(at + OP.tolerated + i * 2, errnoNumber(name), true);
    if (goto) table.setUint16(at + OP.skipOnError, distance(op, goto, position, blockLength), true);
  }

  #word(arg: OpArg): Word {
    if (arg === null) return 0;
    if (typeof arg === 'number' || typeof arg === 'bigint') return arg;
    if (arg instanceof Pointer) return this.#address(arg.target) + arg.offset;
    return this.#address(arg);
  }

  #address(target: Memory | Slot | string | Uint8Array): number {
    let offset = this.#addresses.get(target);
    if (offset === undefined) {
      offset = this.#reserve(contentOf(target));
      this.#addresses.set(target, offset);
    }
    return ADDRESS_BASE + offset;
  }

  #reserve(content: Memory | Uint8Array): number {
    const offset = Math.ceil(this.#end / 8) * 8;
    const bytes = content instanceof Memory ? content.bytes : content;
    this.#end = offset + bytes.length;
    this.#pieces.push({ offset, content });
    // Pointers may lead to memory that has no place yet; reserve it now, so that the size is known.
    if (content instanceof Memory) for (const inner of content.pointers.values()) this.#word(inner);
    return offset;
  }

  #writePieces(bytes: Buffer, view: DataView): void {
    for (const { offset, content } of this.#pieces) {
      bytes.set(content instanceof Memory ? content.bytes : content, offset);
      if (!(content instanceof Memory)) continue;
      for (const [at, inner] of content.pointers) setWord(view, offset + at, this.#word(inner));
    }
  }
}

function variablesOf(content: Memory | Uint8Array, offset: number): VariablePlace[] {
  if (!(content instanceof Memory) || !content.variables) return [];
  return Array.from(content.variables, ([at, { name }]) => ({ name, offset: offset + at }));
}

/** Writes 64 bits; negative numbers in two's complement. */
function setWord(view: DataView, at: number, word: Word): void {
  if (typeof word === 'bigint') return view.setBigUint64(at, BigInt.asUintN(64, word), true);
  view.setUint32(at, word >>> 0, true);
  view.setInt32(at + 4, Math.floor(word / 0x1_0000_0000), true);
}

function contentOf(target: Memory | Slot | string | Uint8Array): Memory | Uint8Array {
  if (typeof target === 'string') return Buffer.from(`${checkedText(target)}\0`);
  return target instanceof Slot ? new Uint8Array(8) : target;
}

/** How many ops a jump leaves out. A label after the block's last op leads into the next block. */
function distance(op: Op, label: Label, position: number, blockLength: number): number {
  const { position: target } = label;
  if (target === undefined || target <= position || target > blockLength || target - position - 1 > MAX_SKIP) {
    throw new RangeError(`${op.plugin}: ${op.name} jumps to a label that was not placed after it`);
  }
  return target - position - 1;
}
