import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveImage } from '../../../core/image/index.js';
import { readHost } from '../../../core/kernel/host.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';

let base: string;
const gate = new LibcGate();
const resolve = (reference: string, more = {}) =>
  resolveImage(reference, { root: join(base, 'root'), gate, host: readHost(), env: {}, ...more });

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tsbox-image-'));
});
afterEach(() => rmSync(base, { recursive: true }));

describe('the host image', () => {
  it('is the root directory as its one layer', async () => {
    const image = await resolve('host');
    expect(image).toMatchObject({ reference: 'host', layers: ['/'], host: true });
    expect(image.readFile('/etc/passwd')).toBe(readFileSync('/etc/passwd', 'utf8'));
  });

  it("runs the caller's shell if it is a login shell, else /bin/sh", async () => {
    expect((await resolve('host', { env: { SHELL: '/bin/bash' } })).config.cmd).toEqual(['/bin/bash']);
    expect((await resolve('host', { env: { SHELL: '/bin/true' } })).config.cmd).toEqual(['/bin/sh']);
    expect((await resolve('host', { env: {} })).config.cmd).toEqual(['/bin/sh']);
  });
});

describe('a directory image', () => {
  it('is used as it is', async () => {
    const directory = join(base, 'rootfs');
    mkdirSync(join(directory, 'bin'), { recursive: true });
    expect(await resolve(directory)).toMatchObject({
      layers: [directory],
      host: false,
      config: { cmd: [], workdir: '/' },
    });
    writeFileSync(join(directory, 'bin/busybox'), '');
    symlinkSync('/bin/busybox', join(directory, 'bin/sh'));
    expect((await resolve(directory)).config.cmd).toEqual(['/bin/sh']);
  });

  it('changes nothing on the host', async () => {
    await resolve(base);
    expect(() => readFileSync(join(base, 'root'))).toThrow(/ENOENT/);
  });

  it('resolves links inside itself', async () => {
    mkdirSync(join(base, 'etc'));
    symlinkSync('/etc/real', join(base, 'etc/passwd'));
    writeFileSync(join(base, 'etc/real'), 'inside');
    symlinkSync('../../../../../etc/hostname', join(base, 'etc/hostname'));
    const image = await resolve(base);
    expect(image.readFile('/etc/passwd')).toBe('inside');
    expect(image.readFile('/etc/hostname')).toBeUndefined();
    expect(image.readFile('/etc/nosuch/file')).toBeUndefined();
  });

  it('does not open fifos, and refuses what is too large', async () => {
    execFileSync('mkfifo', [join(base, 'fifo')]);
    writeFileSync(join(base, 'large'), '');
    truncateSync(join(base, 'large'), (1 << 20) + 1);
    const image = await resolve(base);
    expect(image.readFile('/fifo')).toBeUndefined();
    expect(() => image.readFile('/large')).toThrow(/more than 1048576/);
  });
});

describe('an image that cannot be used', () => {
  it('is not there', async () => {
    await expect(resolve('./nosuch')).rejects.toMatchObject({ code: 'ERR_TSBOX_IMAGE_NOT_FOUND', exitStatus: 125 });
    await expect(resolve('hots')).rejects.toMatchObject({
      code: 'ERR_TSBOX_IMAGE_NOT_FOUND',
      fixes: expect.arrayContaining(['did you mean host?', expect.stringContaining('from-host hots')]),
    });
  });

  it('is empty, or neither a file nor a directory', async () => {
    writeFileSync(join(base, 'empty.tar'), '');
    await expect(resolve(join(base, 'empty.tar'))).rejects.toThrow(/empty/);
    await expect(resolve('/dev/null')).rejects.toMatchObject({ code: 'ERR_TSBOX_IMAGE_INVALID' });
  });

  it('is not readable', async () => {
    const isRoot = process.getuid?.() === 0; // whom no mode keeps out
    chmodSync(base, 0);
    if (isRoot) process.seteuid?.(65_534);
    try {
      await expect(resolve(base)).rejects.toThrow(/not readable|EACCES/);
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(base, 0o700);
    }
  });

  it.each(['', 'Upper', 'a b', 'a__b', 'a:', ':x', '-a', 'a\0b'])('has a bad name: %j', async (name) => {
    await expect(resolve(name)).rejects.toMatchObject({ code: 'ERR_TSBOX_IMAGE_INVALID' });
  });
});
