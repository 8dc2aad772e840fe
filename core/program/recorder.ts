import type { SyscallName } from '../kernel/syscalls.js';
import { type OpArg, Slot } from './memory.js';
import { type BlockName, Label, type Op, type OpKind, type OpOptions, type Tolerance } from './op.js';

/** Who records: attribution of every op. */
export interface Author {
  readonly plugin: string;
  readonly hook: string;
}

const MAX_TOLERATED = 4;

/** Records ops into one block of a program, on behalf of one plugin and hook. */
export class Recorder {
  constructor(
    readonly block: BlockName,
    readonly ops: Op[],
    readonly author: Author,
  ) {}

  /** A system call whose result is dropped. */
  call(name: SyscallName, args: readonly OpArg[], options: OpOptions = {}): void {
    this.#push('syscall', name, args, options);
  }

  /** A system call whose result (a descriptor, mostly) later ops use. */
  callTo(slot: string, name: SyscallName, args: readonly OpArg[], options: OpOptions = {}): Slot {
    const result = new Slot(slot);
    this.#push('syscall', name, args, { ...options, result });
    return result;
  }

  /** Fails with `errno` unless `(value & mask) === expected`. `value` is read when it is executed. */
  expect(value: OpArg, mask: bigint, expected: bigint, errno: number, options: OpOptions = {}): void {
    this.#push('expect', 'expect', [value, mask, expected, errno], options);
  }

  /** Copies `length` bytes inside the program: a result into a structure that a later op passes. */
  copy(to: OpArg, from: OpArg, length: number, options: OpOptions = {}): void {
    this.#push('copy', 'copy', [to, from, length], options);
  }

  /**
   * Waits for the engine on descriptor `fd`; end of file there ends the process.
   * @param quiet the engine is not told that the process waits: it does not wake up for that
   */
  barrier(fd: number | Slot, options: OpOptions & { readonly quiet?: boolean } = {}): void {
    this.#push('barrier', 'barrier', options.quiet ? [fd, 1] : [fd], options);
  }

  /** Anything else: clone, init, fail. */
  special(kind: OpKind, name: SyscallName | OpKind, args: readonly OpArg[], options: OpOptions = {}): void {
    this.#push(kind, name, args, options);
  }

  /** A label to jump to, to be placed later in this block. */
  label(): Label {
    return new Label();
  }

  /** Puts the label before the op that is recorded next. */
  place(label: Label): void {
    label.position = this.ops.length;
  }

  #push(kind: OpKind, name: SyscallName | OpKind, args: readonly OpArg[], options: OpOptions): void {
    const tolerate = normalize(options.tolerate);
    if (tolerate && tolerate.errnos.length > MAX_TOLERATED) {
      throw new RangeError(`${name}: an op tolerates at most ${MAX_TOLERATED} errnos`);
    }
    const { plugin, hook } = this.author;
    // Assigned one by one: spreads would be a third of the time that recording a program takes.
    const op: { -readonly [Key in keyof Op]: Op[Key] } = { kind, name, args, plugin, hook, block: this.block };
    if (options.result) op.result = options.result;
    if (options.width) op.width = options.width;
    if (options.goto) op.goto = options.goto;
    if (options.note) op.note = options.note;
    if (options.hint) op.hint = options.hint;
    if (tolerate) op.tolerate = tolerate;
    this.ops.push(op);
  }
}

function normalize(tolerate: OpOptions['tolerate']): Tolerance | undefined {
  if (!tolerate) return undefined;
  return 'errnos' in tolerate ? tolerate : { errnos: tolerate };
}
