import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { errnoNumber } from '../../../core/kernel/errno.js';
import { getSystemErrorMessage } from '../../../core/kernel/errno-message.js';
import { SYSCALLS } from '../../../core/kernel/syscalls.js';
import { MAGIC } from '../../../core/program/layout.js';
import { canFail, changesHost, composites } from './fs-calls.js';

/** One call with which this process touches the host: a function of node:fs, or of libc through koffi. */
export interface HostCall {
  /** `mkdirSync`, or the system call. */
  readonly name: string;
  /** The path or descriptor's file where one is known; '' else. */
  readonly target: string;
  /** Whether the host can be another one afterwards. */
  readonly changes: boolean;
}

export interface Observer {
  /** Before the call. @returns the errno name with which it fails instead */
  onCall?(call: HostCall): string | undefined;
  /** A child program is about to be written. @returns what is written instead */
  onProgram?(bytes: Buffer, fd: number): Buffer;
}

type Callable = (...args: never[]) => unknown;
type FsFunctions = Record<string, Callable>;

let observer: Observer | undefined;
let installed = false;

/**
 * Watches everything that this process does to the host, from outside: the functions of node:fs and of
 * libc (koffi) are wrapped, once, so what is tested has no switch for it. Only one observer at a time.
 */
export function observeHostCalls(next: Observer | undefined): void {
  if (!installed) install();
  observer = next;
}

/** The functions of node:fs as they were: for whoever observes. */
export const original: typeof fs = { ...fs };

function install(): void {
  installed = true;
  const functions = fs as unknown as FsFunctions;
  for (const name of Object.keys(fs)) {
    const real = functions[name];
    if (name.endsWith('Sync') && typeof real === 'function') functions[name] = watchedFs(name, real);
  }
  Object.assign(functions, composites(functions as never));
  syncBuiltinESMExports();
  watchKoffi();
}

function watchedFs(name: string, real: Callable): Callable {
  const watched = (...args: unknown[]): unknown => {
    if (!observer) return (real as (...args: unknown[]) => unknown)(...args);
    const target = targetOf(args[0]);
    const errno = observer.onCall?.({ name, target, changes: changesHost(name, args) });
    if (errno !== undefined && canFail(name, errno)) throw fsError(errno, name.replace(/Sync$/, ''), target);
    if (name === 'writeSync' && isProgram(args[1]) && observer.onProgram) {
      const bytes = observer.onProgram(args[1], args[0] as number);
      original.writeSync(args[0] as number, bytes, 0, bytes.length, 0);
      return args[1].length;
    }
    return (real as (...args: unknown[]) => unknown)(...args);
  };
  // realpathSync.native and the like.
  return Object.assign(watched, real) as Callable;
}

function targetOf(argument: unknown): string {
  if (typeof argument === 'string') return argument;
  if (typeof argument !== 'number') return String(argument);
  try {
    return original.readlinkSync(`/proc/self/fd/${argument}`).replace(/:\[\d+\]$/, '');
  } catch {
    return '';
  }
}

function isProgram(bytes: unknown): bytes is Buffer {
  return Buffer.isBuffer(bytes) && bytes.length > 8 && bytes.readBigUInt64LE(0) === MAGIC;
}

function fsError(code: string, syscall: string, path: string): Error {
  const errno = errnoNumber(code);
  const error = new Error(`${code}: ${getSystemErrorMessage(errno)}, ${syscall} '${path}'`);
  return Object.assign(error, { errno: -errno, code, syscall, path });
}

interface Koffi {
  load(path: string | null): { func(name: string, result: string, types: string[]): Callable };
  errno(value?: number): number;
}

/** libc's functions that are called for the host's sake; all others only prepare memory. */
const FOREIGN = new Set(['syscall', 'posix_spawn', 'waitid']);

function watchKoffi(): void {
  const koffi = createRequire(import.meta.url)(`@koromix/koffi-linux-${process.arch}`) as Koffi;
  const { load } = koffi;
  koffi.load = (path) => {
    const library = load(path);
    const func = (name: string, result: string, types: string[]) => {
      const real = library.func(name, result, types);
      return FOREIGN.has(name) ? watchedForeign(koffi, name, real) : real;
    };
    return { func };
  };
}

const NAMES = new Map(
  Object.entries(SYSCALLS).map(([name, numbers]) => [numbers[process.arch === 'x64' ? 0 : 1] as number, name]),
);

function watchedForeign(koffi: Koffi, name: string, real: Callable): Callable {
  return ((...args: unknown[]) => {
    const called = real as (...args: unknown[]) => unknown;
    if (!observer) return called(...args);
    const call = name === 'syscall' ? (NAMES.get(args[0] as number) ?? `syscall ${args[0]}`) : name;
    const target = name === 'posix_spawn' ? String(args[1]) : '';
    const errno = observer.onCall?.({ name: call, target, changes: changesHost(call, args.slice(1)) });
    if (errno === undefined || !canFail(call, errno)) return called(...args);
    if (name === 'posix_spawn') return errnoNumber(errno);
    koffi.errno(errnoNumber(errno));
    return -1;
  }) as Callable;
}
