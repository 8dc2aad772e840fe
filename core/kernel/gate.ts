import { existsSync } from 'node:fs';
import type { Arch, SyscallName } from './syscalls.js';

/** What a system call takes: numbers as they are, text NUL-terminated, memory by its address. */
export type SyscallArg = number | bigint | string | Uint8Array | null;

/** The one way to Linux. {@link LibcGate} is real; {@link RecordingGate} is for tests without root. */
export interface Gate {
  readonly arch: Arch;
  /** Makes the call and returns its result. @throws SyscallError with errno, saved at once. */
  call(name: SyscallName, ...args: SyscallArg[]): number;
  /** The same, for calls that fail as a matter of course: returns minus errno, and makes no error object. */
  attempt(name: SyscallName, ...args: SyscallArg[]): number;
  /** posix_spawn(3): starts `path`; see {@link SpawnRequest}. Returns the pid. */
  spawn(request: SpawnRequest): number;
  /** waitid(2) on a child of this process; undefined while it runs and `block` is false. */
  wait(target: WaitTarget, block: boolean): WaitStatus | undefined;
  /** Where a buffer lies, for structures that hold pointers. Valid while the buffer is referenced. */
  address(buffer: Uint8Array): bigint;
}

/** A child by pid, or by a pidfd of it. */
export type WaitTarget = { readonly pid: number } | { readonly pidfd: number };

/** How a child ended: exactly one of the two is a number. */
export interface WaitStatus {
  readonly exitCode: number | null;
  /** Signal number. */
  readonly signal: number | null;
}

/** A process to start with nothing of ours but the descriptors named here. */
export interface SpawnRequest {
  /** Absolute path of the executable. */
  readonly path: string;
  readonly argv: readonly string[];
  readonly env: readonly string[];
  /** `fds[i]` becomes descriptor i; null leaves it closed. All else keeps its close-on-exec flag. */
  readonly fds: readonly (number | null)[];
}

/** Throws on text that the kernel would cut at its first NUL byte. */
export function checkedText(text: string): string {
  if (text.includes('\0')) throw new TypeError(`NUL byte in ${JSON.stringify(text)}`);
  return text;
}

type Koffi = typeof import('koffi').default;

/**
 * koffi is a native module and is loaded on first use: a command that makes no call pays nothing. Its
 * package for this machine has the module itself, for glibc and for musl. koffi's own wrappers find out which
 * it is, and add what is not used here, in more than as much time again: only where musl is, or nothing is found.
 */
export function loadKoffi(): Koffi {
  const load = moduleLoader();
  const musl = `/lib/ld-musl-${process.arch === 'x64' ? 'x86_64' : 'aarch64'}.so.1`;
  const native = `@koromix/koffi-linux-${process.arch}`;
  try {
    return load(existsSync(musl) ? native : `${native}/linux_${process.arch}/koffi.node`) as Koffi;
  } catch {
    return load('koffi') as Koffi;
  }
}

/** The bundle is CommonJS and has a `require` of its own; node:module would load what it has no use for. */
function moduleLoader(): (name: string) => unknown {
  if (typeof require === 'function') return require;
  return process.getBuiltinModule('node:module').createRequire(import.meta.url);
}
