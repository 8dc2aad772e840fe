import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errnoNumber } from '../../../core/kernel/errno.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { type Gate, SyscallError } from '../../../core/plugin/index.js';
import { TreeCopier } from '../../../plugins/storage-copy/tree-copier.js';

/** An ordinary caller, whoever runs the tests: nothing here needs rights. */
const host = {
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
  privileged: false,
  kernel: [5, 12],
} as const;
const real = new LibcGate();

/** The kernel, with a say before each call. */
function gateWith(before: (name: string, args: readonly unknown[]) => void): Gate {
  const call: Gate['call'] = (name, ...args) => {
    before(name, args);
    return real.call(name, ...args);
  };
  return Object.assign(Object.create(real) as Gate, { arch: real.arch, call });
}

let base: string;
let target: string;
const layer = (name: string) => join(base, name);
const copy = (layers: string[], gate: Gate = real, leaveOut: string[] = []) =>
  new TreeCopier(gate, host).copy({ layers: layers.map(layer), target, leaveOut });

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tree-copier-'));
  target = join(base, 'target');
  for (const name of ['target', 'a', 'b']) mkdirSync(join(base, name));
});
afterEach(() => {
  execFileSync('chmod', ['-R', 'u+rwx', base]);
  execFileSync('rm', ['-rf', base]);
});

describe('the contents of files', () => {
  const large = Buffer.alloc(700_000, 'data');
  const refusing = (...calls: string[]) =>
    gateWith((name) => {
      if (calls.includes(name)) throw new SyscallError(name, errnoNumber('EOPNOTSUPP'));
    });

  it.each([
    ['without reflinks', ['ioctl']],
    ['without copy_file_range', ['ioctl', 'copy_file_range']],
  ])('are copied %s', async (_, calls) => {
    writeFileSync(join(layer('a'), 'large'), large);
    execFileSync('truncate', ['-s', '1M', join(layer('a'), 'large')]);
    await copy(['a'], refusing(...calls));
    expect(readFileSync(join(target, 'large')).equals(readFileSync(join(layer('a'), 'large')))).toBe(true);
  });

  it('are asked for reflinks once per file system that has none', async () => {
    for (const name of ['x', 'y', 'z']) writeFileSync(join(layer('a'), name), name.repeat(5000));
    let asked = 0;
    await copy(
      ['a'],
      gateWith((name) => {
        if (name !== 'ioctl') return;
        asked += 1;
        throw new SyscallError(name, errnoNumber('EOPNOTSUPP'));
      }),
    );
    expect(asked).toBe(1);
  });

  it('of a block at most are copied, which takes less than a reflink', async () => {
    for (const name of ['x', 'y']) writeFileSync(join(layer('a'), name), name.repeat(4096));
    const asked: string[] = [];
    const gate = gateWith((name) => name === 'ioctl' && asked.push(name));
    await copy(['a'], gate);
    expect(asked).toEqual([]);
    expect(readFileSync(join(target, 'x'), 'utf8')).toBe('x'.repeat(4096));
  });

  it('are read on where copy_file_range says that there is no more', async () => {
    writeFileSync(join(layer('a'), 'large'), large);
    const gate = refusing('ioctl');
    const call: Gate['call'] = (name, ...args) => (name === 'copy_file_range' ? 0 : gate.call(name, ...args));
    await copy(['a'], Object.assign(Object.create(gate) as Gate, { call }));
    expect(readFileSync(join(target, 'large')).equals(large)).toBe(true);
  });
});

describe('an error', () => {
  it('names the file, and the way out', async () => {
    mkdirSync(join(layer('a'), 'deep'));
    writeFileSync(join(layer('a'), 'deep/file'), 'x');
    const refused = gateWith((name) => {
      if (name === 'ioctl') throw new SyscallError(name, errnoNumber('EXDEV'));
      if (name === 'write') throw new SyscallError(name, errnoNumber('ENOSPC'));
    });
    await expect(copy(['a'], refused)).rejects.toMatchObject({
      what: 'cannot copy /deep/file of the image',
      why: expect.stringContaining('ENOSPC'),
      fixes: [expect.stringContaining('make room')],
    });
  });

  it('closes every descriptor', async () => {
    writeFileSync(join(layer('a'), 'file'), 'x');
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    const gate = gateWith((name) => {
      if (name === 'fchmod') throw new SyscallError(name, errnoNumber('EIO'));
    });
    await expect(copy(['a'], gate)).rejects.toThrow('EIO');
    expect(open()).toBe(before);
  });
});

describe('a link that takes the place of', () => {
  it('a directory while it is copied leads nowhere', async () => {
    mkdirSync(join(layer('a'), 'swapped'));
    writeFileSync(join(base, 'b/secret'), 'secret');
    const gate = gateWith((name, args) => {
      if (name !== 'openat2' || !String(args[1]).startsWith('swapped') || readdirSync(layer('a')).includes('moved'))
        return;
      renameSync(join(layer('a'), 'swapped'), join(layer('a'), 'moved'));
      symlinkSync(join(base, 'b'), join(layer('a'), 'swapped'));
    });
    await expect(copy(['a'], gate)).rejects.toThrow('ELOOP');
    expect(existsSync(join(target, 'swapped/secret'))).toBe(false);
  });

  it('a file while it is copied leads nowhere', async () => {
    writeFileSync(join(layer('a'), 'swapped'), 'plain');
    writeFileSync(join(base, 'secret'), 'secret');
    const gate = gateWith((name, args) => {
      if (name !== 'openat' || !String(args[1]).startsWith('swapped') || readdirSync(layer('a')).includes('moved'))
        return;
      renameSync(join(layer('a'), 'swapped'), join(layer('a'), 'moved'));
      symlinkSync(join(base, 'secret'), join(layer('a'), 'swapped'));
    });
    await expect(copy(['a'], gate)).rejects.toThrow('ELOOP');
  });

  it('a lower directory is copied as a link', async () => {
    mkdirSync(join(layer('a'), 'x'));
    writeFileSync(join(layer('a'), 'x/below'), '');
    symlinkSync('/etc', join(layer('b'), 'x'));
    await copy(['a', 'b']);
    expect(readlinkSync(join(target, 'x'))).toBe('/etc');
  });
});

it('leaves out the contents of the directory that the copy is in', async () => {
  mkdirSync(join(layer('a'), 'store/target'), { recursive: true });
  target = join(layer('a'), 'store/target');
  writeFileSync(join(layer('a'), 'file'), '');
  await copy(['a'], real, [join(layer('a'), 'store'), join(base, 'missing')]);
  expect(readdirSync(target).sort()).toEqual(['file', 'store']);
  expect(readdirSync(join(target, 'store'))).toEqual([]);
});

it('fills directories that their owner may not write to, and closes them', async () => {
  mkdirSync(join(layer('a'), 'closed/below'), { recursive: true });
  writeFileSync(join(layer('a'), 'closed/below/file'), '');
  chmodSync(join(layer('a'), 'closed/below'), 0o500);
  chmodSync(join(layer('a'), 'closed'), 0o500);
  chmodSync(layer('a'), 0o555);
  await copy(['a']);
  expect(existsSync(join(target, 'closed/below/file'))).toBe(true);
  expect(['', 'closed', 'closed/below'].map((name) => statSync(join(target, name)).mode & 0o777)).toEqual([
    0o555, 0o500, 0o500,
  ]);
});

it('lets the event loop turn while it copies many files', async () => {
  for (let index = 0; index < 800; index++) writeFileSync(join(layer('a'), `file${index}`), '');
  let turns = 0;
  const count = () => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await copy(['a']);
  clearImmediate(next);
  expect(turns).toBeGreaterThan(2);
});
