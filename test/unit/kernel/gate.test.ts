import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SyscallError } from '../../../core/kernel/error.js';
import { ExitNotice } from '../../../core/kernel/exit-notice.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { createSealedExecutable } from '../../../core/kernel/memfd.js';
import { pipe, receiveDescriptor, socketPair } from '../../../core/kernel/socket.js';
import { currentArch, SYSCALLS, syscallNumber } from '../../../core/kernel/syscalls.js';

const gate = new LibcGate();
const MSG_DONTWAIT = 0x40;

function spawn(argv: string[], stdout: number | null = null): number {
  return gate.spawn({ path: argv[0] as string, argv, env: [], fds: [null, stdout, null] });
}

/** What the caller of the tests left open for every child; the launcher closes it, spawning does not. */
function inheritable(): string[] {
  const closeOnExec = 0o2000000;
  return readdirSync('/proc/self/fd').filter((fd) => {
    if (Number(fd) < 3 || !existsSync(`/proc/self/fdinfo/${fd}`)) return false;
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & closeOnExec) === 0;
  });
}

describe('the gate to libc', () => {
  it('makes system calls', () => {
    expect(gate.call('getpid')).toBe(process.pid);
  });

  it('throws errno, its name, the call and the path', () => {
    let caught: unknown;
    try {
      gate.call('openat', -100, '/no/such/file', 0, 0);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(SyscallError);
    expect(caught).toMatchObject({ syscall: 'openat', code: 'ENOENT', errno: 2, path: '/no/such/file' });
  });

  it('refuses a NUL byte before the kernel sees the text', () => {
    expect(() => gate.call('openat', -100, '/etc\0/passwd', 0, 0)).toThrow('NUL byte');
  });

  it('knows no number twice on one architecture', () => {
    for (const arch of [0, 1] as const) {
      const numbers = Object.values(SYSCALLS)
        .map((pair) => pair[arch])
        .filter((number) => number >= 0);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });

  it('has the numbers that this system has', () => {
    const header = currentArch() === 'x64' ? 'x86_64-linux-gnu/asm/unistd_64.h' : 'asm-generic/unistd.h';
    let text: string;
    try {
      text = execFileSync('cat', [`/usr/include/${header}`], { encoding: 'utf8' });
    } catch {
      return expect(syscallNumber('getpid', currentArch())).toBeGreaterThan(0);
    }
    for (const name of Object.keys(SYSCALLS) as (keyof typeof SYSCALLS)[]) {
      const found = new RegExp(`__NR_${name}\\s+(\\d+)`).exec(text)?.[1];
      if (found) expect([name, syscallNumber(name, currentArch())]).toEqual([name, Number(found)]);
    }
  });
});

describe('spawning', () => {
  it('gives exactly the descriptors that were named, at their numbers', () => {
    const [read, write] = pipe(gate);
    const pid = spawn(['/bin/ls', '/proc/self/fd'], write);
    closeSync(write);
    const bytes = Buffer.alloc(100);
    const length = readSync(read, bytes);
    closeSync(read);
    gate.wait({ pid }, true);
    const fds = bytes.toString('utf8', 0, length).trim().split('\n');
    // 0 is ls's own, of the directory that it reads: it was closed, so ls got the lowest number.
    expect(fds.filter((fd) => !inheritable().includes(fd))).toEqual(['0', '1']);
  });

  it("starts with no signal ignored or blocked but glibc's own two", () => {
    const [read, write] = pipe(gate);
    const pid = spawn(['/bin/cat', '/proc/self/status'], write);
    closeSync(write);
    const bytes = Buffer.alloc(8192);
    const length = readSync(read, bytes);
    closeSync(read);
    gate.wait({ pid }, true);
    const status = bytes.toString('utf8', 0, length);
    const mask = (name: string) => BigInt(`0x${new RegExp(`${name}:\\s*([0-9a-f]+)`).exec(status)?.[1]}`);
    expect(mask('SigIgn') & ~0x1_8000_0000n).toBe(0n);
    expect(mask('SigBlk')).toBe(0n);
  });

  it('throws when there is nothing to execute', () => {
    expect(() => spawn(['/no/such/program'])).toThrow(/posix_spawn.*ENOENT/);
  });
});

describe('the exit notice', () => {
  it('tells how each child ended, beside children of Node itself', async () => {
    const notice = new ExitNotice(gate);
    const before = process.listenerCount('SIGCHLD');
    const ends = ['exit 7', 'kill -9 $$', 'exit 0'].map((script) => {
      const pidfd = gate.call('pidfd_open', spawn(['/bin/sh', '-c', script]), 0);
      return new Promise((resolve) => {
        notice.watch(pidfd, (status) => {
          closeSync(pidfd);
          resolve(status);
        });
      });
    });
    execFileSync('true');
    expect(await Promise.all(ends)).toEqual([
      { exitCode: 7, signal: null },
      { exitCode: null, signal: 9 },
      { exitCode: 0, signal: null },
    ]);
    // The next launch would add it again: it goes when nothing has been waited for for a while, or at once.
    await expect.poll(() => process.listenerCount('SIGCHLD'), { timeout: 5000 }).toBe(before);
  });

  it('gives its listener up when it is closed', () => {
    const notice = new ExitNotice(gate);
    const before = process.listenerCount('SIGCHLD');
    const pid = spawn(['/bin/true']);
    const pidfd = gate.call('pidfd_open', pid, 0);
    notice.watch(pidfd, () => {});
    expect(process.listenerCount('SIGCHLD')).toBe(before + 1);
    notice.close();
    expect(process.listenerCount('SIGCHLD')).toBe(before);
    gate.wait({ pid }, true);
    closeSync(pidfd);
  });

  it('looks at a socket when something comes, and when its other end is closed', async () => {
    const notice = new ExitNotice(gate);
    const [ours, theirs] = socketPair(gate);
    const seen: number[] = [];
    const end = new Promise<void>((resolve) => {
      const look = () => {
        const byte = Buffer.alloc(1);
        const read = gate.attempt('recvfrom', ours, byte, 1, MSG_DONTWAIT, null, null);
        if (read === 1) seen.push(byte[0] as number);
        if (read === 0) resolve();
        return read === 0;
      };
      expect(notice.watchSocket(ours, look)).toBe(true);
    });
    const began = performance.now();
    gate.call('write', theirs, Buffer.from([7]), 1);
    await expect.poll(() => seen).toEqual([7]);
    closeSync(theirs);
    await end;
    // By signal: the slow look comes every half second.
    expect(performance.now() - began).toBeLessThan(400);
    notice.close();
    closeSync(ours);
  });
});

describe('the sealed launcher', () => {
  it('cannot be written, grown or shrunk, and can be executed', () => {
    const fd = createSealedExecutable(gate, 'test', Buffer.from('#!/bin/sh\nexit 3\n'));
    try {
      expect(() => writeFileSync(`/proc/self/fd/${fd}`, 'x')).toThrow(/EPERM|EACCES/);
      expect(fstatSync(fd).size).toBe(17);
      expect(() => gate.call('ftruncate', fd, 0)).toThrow(/EINVAL|EPERM/);
      const pid = gate.spawn({ path: `/proc/self/fd/${fd}`, argv: ['x'], env: [], fds: [null, null, null, null, fd] });
      expect(gate.wait({ pid }, true)?.signal).toBe(null);
    } finally {
      closeSync(fd);
    }
  });
});

describe('descriptors over sockets', () => {
  it('are undefined when the other side has closed', () => {
    const [ours, theirs] = socketPair(gate);
    closeSync(theirs);
    expect(receiveDescriptor(gate, ours)).toBeUndefined();
    closeSync(ours);
    closeSync(openSync('/dev/null', 'r'));
  });
});
