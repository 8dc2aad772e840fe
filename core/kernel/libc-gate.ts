import { SyscallError } from './error.js';
import {
  checkedText,
  type Gate,
  loadKoffi,
  type SpawnRequest,
  type SyscallArg,
  type WaitStatus,
  type WaitTarget,
} from './gate.js';
import { type Arch, currentArch, type SyscallName, syscallNumber } from './syscalls.js';

type Koffi = ReturnType<typeof loadKoffi>;
// The only `any` in the house: what a foreign function takes is checked by koffi, not by TypeScript.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Foreign = (...args: any[]) => any;
type Arg = SyscallArg | undefined;

const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
/** Larger than glibc's (336 and 80 bytes) and musl's (336 and 80) structures. */
const ATTRIBUTES_SIZE = 512;
const SIGSET_SIZE = 128;
const P_PID = 1;
const P_PIDFD = 3;
const WNOHANG = 1;
const WEXITED = 4;
const CLD_EXITED = 1;
/** Of a system call. */
const MOST_ARGS = 6;

/** System calls through libc's syscall(2) and posix_spawn(3), called with koffi. */
export class LibcGate implements Gate {
  readonly arch: Arch = currentArch();
  #koffi: Koffi | undefined;
  #libc: ReturnType<Koffi['load']> | undefined;
  readonly #functions = new Map<string, Foreign>();
  /** By the number of arguments, and which of them are memory. */
  readonly #syscalls: Foreign[] = [];
  #attributes: Uint8Array | undefined;

  // Parameters of their own: what `...args` collects and spreads again costs as much as a call.
  call(name: SyscallName, ...args: SyscallArg[]): number;
  call(name: SyscallName, a?: Arg, b?: Arg, c?: Arg, d?: Arg, e?: Arg, f?: Arg): number {
    const result = this.attempt(name, a, b, c, d, e, f);
    if (result >= 0) return result;
    const args = [a, b, c, d, e, f].filter((arg) => arg !== undefined);
    const path = args.find((arg) => typeof arg === 'string');
    throw new SyscallError(name, -result, args.map(describe).join(', '), path);
  }

  attempt(name: SyscallName, ...args: Arg[]): number;
  attempt(name: SyscallName, a?: Arg, b?: Arg, c?: Arg, d?: Arg, e?: Arg, f?: Arg): number {
    const g = register(a);
    const h = register(b);
    const i = register(c);
    const j = register(d);
    const k = register(e);
    const l = register(f);
    const count = countOf(a, b, c, d, e, f);
    const memory = bit(g) | (bit(h) << 1) | (bit(i) << 2) | (bit(j) << 3) | (bit(k) << 4) | (bit(l) << 5);
    const syscall = this.#shaped(count, memory);
    const number = syscallNumber(name, this.arch);
    let result: number | bigint;
    if (count < 3) result = count < 2 ? (count < 1 ? syscall(number) : syscall(number, g)) : syscall(number, g, h);
    else if (count < 5) result = count < 4 ? syscall(number, g, h, i) : syscall(number, g, h, i, j);
    else result = count < 6 ? syscall(number, g, h, i, j, k) : syscall(number, g, h, i, j, k, l);
    return result === -1 ? -this.#loaded().errno() : Number(result);
  }

  spawn(request: SpawnRequest): number {
    const actions = new Uint8Array(ATTRIBUTES_SIZE);
    const pid = new Int32Array(1);
    this.#checked('posix_spawn_file_actions_init', ['void *'], actions);
    try {
      const dup2 = this.#function('posix_spawn_file_actions_adddup2', 'int', ['void *', 'int', 'int']);
      const close = this.#function('posix_spawn_file_actions_addclose', 'int', ['void *', 'int']);
      for (const [target, fd] of request.fds.entries())
        fd === null ? close(actions, target) : dup2(actions, fd, target);
      const spawn = this.#function('posix_spawn', 'int', ['void *', 'str', 'void *', 'void *', 'str *', 'str *']);
      const argv = [...request.argv.map(checkedText), null];
      const env = [...request.env.map(checkedText), null];
      const error = spawn(pid, request.path, actions, this.#spawnAttributes(), argv, env);
      if (error !== 0) throw new SyscallError('posix_spawn', error, request.path, request.path);
      return pid[0] as number;
    } finally {
      this.#checked('posix_spawn_file_actions_destroy', ['void *'], actions);
    }
  }

  wait(target: WaitTarget, block: boolean): WaitStatus | undefined {
    const waitid = this.#function('waitid', 'int', ['int', 'int', 'void *', 'int']);
    const info = Buffer.alloc(128);
    const options = WEXITED | (block ? 0 : WNOHANG);
    const [kind, id] = 'pid' in target ? [P_PID, target.pid] : [P_PIDFD, target.pidfd];
    for (;;) {
      if (waitid(kind, id, info, options) === 0) break;
      const errno = this.#loaded().errno();
      if (errno !== 4) throw new SyscallError('waitid', errno, `${kind}, ${id}`);
    }
    // siginfo_t: si_code at 8, si_pid at 16, si_status at 24; WNOHANG with nothing to report leaves zeros.
    if (info.readInt32LE(16) === 0) return undefined;
    const status = info.readInt32LE(24);
    return info.readInt32LE(8) === CLD_EXITED ? { exitCode: status, signal: null } : { exitCode: null, signal: status };
  }

  address(buffer: Uint8Array): bigint {
    return this.#loaded().address(buffer) as unknown as bigint;
  }

  /**
   * Node ignores SIGPIPE and SIGXFSZ and may block signals; both survive exec.
   * The attributes reset every disposition and the mask, and are made once.
   */
  #spawnAttributes(): Uint8Array {
    if (this.#attributes) return this.#attributes;
    const attributes = new Uint8Array(ATTRIBUTES_SIZE);
    const none = new Uint8Array(SIGSET_SIZE);
    const all = new Uint8Array(SIGSET_SIZE);
    this.#checked('sigfillset', ['void *'], all);
    this.#checked('posix_spawnattr_init', ['void *'], attributes);
    this.#checked('posix_spawnattr_setsigmask', ['void *', 'void *'], attributes, none);
    this.#checked('posix_spawnattr_setsigdefault', ['void *', 'void *'], attributes, all);
    this.#checked(
      'posix_spawnattr_setflags',
      ['void *', 'int16'],
      attributes,
      POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK,
    );
    this.#attributes = attributes;
    return attributes;
  }

  #checked(name: string, types: string[], ...args: unknown[]): void {
    const error = this.#function(name, 'int', types)(...args);
    if (error !== 0) throw new SyscallError(name, Math.abs(error));
  }

  /** syscall(2) for calls of one shape: koffi takes memory as it is; to ask for its address costs as much again. */
  #shaped(count: number, memory: number): Foreign {
    const shape = (count << MOST_ARGS) | memory;
    const made = this.#syscalls[shape];
    if (made) return made;
    const types = Array.from({ length: count }, (_, index) => (memory & (1 << index) ? 'void *' : 'int64'));
    const syscall = this.#function('syscall', 'long', ['long', ...types]);
    this.#syscalls[shape] = syscall;
    return syscall;
  }

  #loaded(): Koffi {
    this.#koffi ??= loadKoffi();
    return this.#koffi;
  }

  #function(name: string, result: string, types: string[]): Foreign {
    const key = `${name} ${types.join()}`;
    let found = this.#functions.get(key);
    if (!found) {
      // null is the process itself: its libc, whichever name that has (glibc or musl).
      this.#libc ??= this.#loaded().load(null);
      found = this.#libc.func(name, result, types) as Foreign;
      this.#functions.set(key, found);
    }
    return found;
  }
}

/** As koffi takes it. Text is referenced by the caller's variable until the call is over. */
function register(arg: Arg): number | bigint | Uint8Array {
  if (typeof arg === 'number') return arg;
  if (arg === undefined || arg === null) return 0;
  return typeof arg === 'string' ? Buffer.from(`${checkedText(arg)}\0`) : arg;
}

function bit(value: number | bigint | Uint8Array): number {
  return typeof value === 'object' ? 1 : 0;
}

function countOf(a: Arg, b: Arg, c: Arg, d: Arg, e: Arg, f: Arg): number {
  if (c === undefined) return a === undefined ? 0 : b === undefined ? 1 : 2;
  if (e === undefined) return d === undefined ? 3 : 4;
  return f === undefined ? 5 : 6;
}

function describe(arg: SyscallArg): string {
  if (typeof arg === 'string') return JSON.stringify(arg);
  if (arg instanceof Uint8Array) return `<${arg.length} bytes>`;
  return String(arg);
}
