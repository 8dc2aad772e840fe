import { errnoNumber } from './errno.js';
import { SyscallError } from './error.js';
import type { Gate, SpawnRequest, SyscallArg, WaitStatus, WaitTarget } from './gate.js';
import type { Arch, SyscallName } from './syscalls.js';

/** One call that was made. Memory is copied, because callers reuse their buffers. */
export interface RecordedCall {
  readonly name: SyscallName | 'posix_spawn' | 'waitid';
  readonly args: readonly (SyscallArg | SpawnRequest | WaitTarget)[];
}

/** What a call answers: a result, the name of an errno, or a function that also fills the buffers it is given. */
export type Answer = number | string | ((...args: SyscallArg[]) => number | string);

const EXITED: WaitStatus = { exitCode: 0, signal: null };

/**
 * A gate that makes no system call: it records what was asked for and answers as it was told,
 * for tests that need no root. What it answers is the test's idea of the kernel, so it never
 * stands alone: the same code is also run against {@link LibcGate}.
 */
export class RecordingGate implements Gate {
  readonly calls: RecordedCall[] = [];
  readonly #answers: Partial<Record<SyscallName, Answer>>;

  /** @param answers by name of the call; what is not named answers 0 */
  constructor(
    answers: Partial<Record<SyscallName, Answer>> = {},
    readonly arch: Arch = 'x64',
  ) {
    this.#answers = answers;
  }

  call(name: SyscallName, ...args: SyscallArg[]): number {
    const result = this.attempt(name, ...args);
    if (result >= 0) return result;
    const path = args.find((arg) => typeof arg === 'string');
    throw new SyscallError(name, -result, args.map(String).join(', '), path);
  }

  attempt(name: SyscallName, ...args: SyscallArg[]): number {
    this.calls.push({ name, args: args.map(copied) });
    const answer = this.#answers[name] ?? 0;
    const result = typeof answer === 'function' ? answer(...args) : answer;
    return typeof result === 'string' ? -errnoNumber(result) : result;
  }

  spawn(request: SpawnRequest): number {
    this.calls.push({ name: 'posix_spawn', args: [request] });
    return 1000 + this.calls.length;
  }

  wait(target: WaitTarget): WaitStatus {
    this.calls.push({ name: 'waitid', args: [target] });
    return EXITED;
  }

  /** An address that nothing may read through. */
  address(): bigint {
    return 0n;
  }
}

function copied(arg: SyscallArg): SyscallArg {
  return arg instanceof Uint8Array ? Uint8Array.from(arg) : arg;
}
