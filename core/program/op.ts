import type { SyscallName } from '../kernel/syscalls.js';
import type { OpArg, Pointer, Slot } from './memory.js';

/**
 * The parts of a program, in the order in which they are executed.
 *
 * | block | who executes it | what it sees |
 * |---|---|---|
 * | `launcher` | stage one, before the clone | the host's namespaces |
 * | `outside` | the container's first process, after the barrier | its own namespaces, the host's tree |
 * | `enter` | the same | the step from the host's tree into the rootfs |
 * | `inside` | the same | the rootfs as `/` |
 * | `preExec` | the same, last | everything in place; rights are dropped here |
 * | `exec` | the same | the command |
 */
export const BLOCKS = ['launcher', 'outside', 'enter', 'inside', 'preExec', 'exec'] as const;
export type BlockName = (typeof BLOCKS)[number];

export type OpKind = 'syscall' | 'clone' | 'barrier' | 'expect' | 'copy' | 'init' | 'fail' | 'enter';

/** A point in a block that a tolerated op jumps to; it must lie after the jump. */
export class Label {
  /** Index in the block of the op after the label; set when it is placed. */
  position: number | undefined;
}

/** What a failure of an op means. Default: the launch fails. */
export interface Tolerance {
  /** At most four errno names with which the program goes on. */
  readonly errnos: readonly string[];
  /** Where it goes on; default: the next op. */
  readonly goto?: Label;
}

/** One operation of the child program. */
export interface Op {
  readonly kind: OpKind;
  /** The system call, or the kind. */
  readonly name: SyscallName | OpKind;
  readonly args: readonly OpArg[];
  readonly plugin: string;
  readonly hook: string;
  readonly block: BlockName;
  /** Where the result goes. A pointer with `width: 4` stores 32 bits. */
  readonly result?: Slot | Pointer;
  readonly width?: 4 | 8;
  readonly tolerate?: Tolerance;
  /** Jump after success. */
  readonly goto?: Label;
  /** One line for the plan: what this is for. */
  readonly note?: string;
  /** What the user can do when it fails. */
  readonly hint?: string;
}

/** The part of an op that its author may give besides its call. */
export interface OpOptions {
  readonly result?: Slot | Pointer;
  readonly width?: 4 | 8;
  readonly tolerate?: Tolerance | readonly string[];
  readonly goto?: Label;
  readonly note?: string;
  readonly hint?: string;
}
