import { checkedText } from '../kernel/gate.js';

/**
 * A place in the program that holds an op's result, so that a later op can use it.
 * Results are signed 64-bit; a tolerated failure leaves minus errno there.
 */
export class Slot {
  constructor(readonly name: string) {}
  toString(): string {
    return `$${this.name}`;
  }
}

/** An address inside a {@link Memory}, or of a slot. */
export class Pointer {
  constructor(
    readonly target: Memory | Slot,
    readonly offset: number = 0,
  ) {}
  toString(): string {
    return `&${this.target}${this.offset ? `+${this.offset}` : ''}`;
  }
}

/** Bytes of which each launch of one program has its own, such as an address: {@link Memory.variable}. */
export class Variable {
  constructor(
    readonly name: string,
    readonly bytes: Uint8Array,
    /** As the note of an op has it. */
    readonly text: string,
  ) {}
}

/** What an op takes as one argument. */
export type OpArg = number | bigint | string | Uint8Array | Slot | Pointer | Memory | null;

/**
 * Bytes that lie in the program: structures, vectors, buffers that the kernel fills.
 * Pointers inside it are set with {@link pointer} and are right once the program is mapped.
 */
export class Memory {
  readonly bytes: Buffer;
  readonly pointers = new Map<number, OpArg>();
  /** By offset; hardly any memory has some. */
  variables: Map<number, Variable> | undefined;

  constructor(
    size: number,
    readonly label: string = 'memory',
  ) {
    this.bytes = Buffer.alloc(size);
  }

  static of(bytes: Uint8Array, label?: string): Memory {
    const memory = new Memory(bytes.length, label);
    memory.bytes.set(bytes);
    return memory;
  }

  /** A NULL-terminated vector of strings, as execve(2) takes them. */
  static vector(strings: readonly string[], label = 'vector'): Memory {
    const memory = new Memory((strings.length + 1) * 8, label);
    for (const [index, text] of strings.entries()) memory.pointer(index * 8, checkedText(text));
    return memory;
  }

  /** Writes a 32-bit number. */
  u32(offset: number, value: number): this {
    this.bytes.writeUInt32LE(value >>> 0, offset);
    return this;
  }

  /** Writes a 64-bit number. BigInt, because JavaScript's bit operators stop at 32 bits. */
  u64(offset: number, value: bigint): this {
    this.bytes.writeBigUInt64LE(BigInt.asUintN(64, value), offset);
    return this;
  }

  /** Writes the address of a string, bytes, memory or slot. */
  pointer(offset: number, target: OpArg): this {
    this.pointers.set(offset, target);
    return this;
  }

  /** Writes what another launch has something else of, of the same length. */
  variable(offset: number, variable: Variable): this {
    this.bytes.set(variable.bytes, offset);
    this.variables ??= new Map();
    this.variables.set(offset, variable);
    return this;
  }

  at(offset: number): Pointer {
    return new Pointer(this, offset);
  }

  toString(): string {
    return `<${this.label}>`;
  }
}
