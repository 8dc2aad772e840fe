import { constants } from 'node:fs';

/** Calls after which the host is as before; every other one, a new one too, is taken to change it. */
const HARMLESS = new Set(
  (
    'accessSync existsSync readFileSync readSync readdirSync readlinkSync realpathSync statSync lstatSync fstatSync ' +
    'statfsSync closeSync fsyncSync fdatasyncSync ' +
    'read close lseek fcntl flock statx newfstatat statfs fstatfs getdents64 openat2 llistxattr lgetxattr ' +
    'flistxattr fgetxattr readlinkat memfd_create socket connect recvfrom recvmsg bind getsockname socketpair ' +
    'setsockopt gettid getpid getrandom ppoll poll pidfd_open pidfd_getfd pipe2 dup3 prctl faccessat2 open_tree ' +
    'fsopen fsconfig fsmount fspick mount_setattr waitid syncfs'
  ).split(' '),
);

const CREATES = constants.O_CREAT | constants.O_TRUNC;

/** @param args without the number of a system call */
export function changesHost(name: string, args: readonly unknown[]): boolean {
  if (name === 'openSync') {
    const [, flags = 'r'] = args;
    return typeof flags === 'number' ? (flags & CREATES) !== 0 : /[wa]/.test(String(flags));
  }
  if (name === 'openat') return (Number(args[2]) & CREATES) !== 0;
  return !HARMLESS.has(name);
}

/** These succeed whatever the machine is like; access(2), which existsSync is, has no error but its answer. */
const NEVER_FAIL = new Set('gettid getpid getrandom existsSync close closeSync'.split(' '));

/** Whether a call can end like that. waitid(2) on a child of ours can only be interrupted. */
export function canFail(name: string, errno: string): boolean {
  return name === 'waitid' ? errno === 'EINTR' : !NEVER_FAIL.has(name);
}

interface Calls {
  openSync(path: string, flags: string | number, mode?: number): number;
  writeSync(fd: number, bytes: Uint8Array, offset: number): number;
  closeSync(fd: number): void;
  mkdirSync(path: string, options?: object | number): string | undefined;
}

interface WriteOptions {
  readonly flag?: string;
  readonly mode?: number;
}

/** What node:fs does in several system calls, in calls of its own: a process can be killed between any two. */
export function composites(calls: Calls): object {
  const mkdirOne = calls.mkdirSync;
  const { openSync, writeSync, closeSync } = calls;
  return {
    writeFileSync(path: string, data: string | Uint8Array, options: WriteOptions | string = {}): void {
      const { flag = 'w', mode = 0o666 } = typeof options === 'string' ? {} : options;
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      const fd = openSync(path, flag, mode);
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      } finally {
        closeSync(fd);
      }
    },
    mkdirSync(path: string, options: { recursive?: boolean; mode?: number } | number = {}): string | undefined {
      if (typeof options === 'number' || !options.recursive) return mkdirOne(path, options);
      const parts = path.split('/').slice(1);
      let first: string | undefined;
      for (let depth = 1; depth <= parts.length; depth++) {
        const part = `/${parts.slice(0, depth).join('/')}`;
        try {
          mkdirOne(part, options.mode ?? 0o777);
          first ??= part;
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          if (code !== 'EEXIST') throw error;
        }
      }
      return first;
    },
  };
}
