import { execFileSync, spawn } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeIdleProgram } from '../../../compare/idle-program.js';
import { treeUsage } from '../../../compare/storage/disk-usage.js';
import { operationsPerSecond } from '../../../compare/storage/fio.js';
import { largestFile, listFiles } from '../../../compare/storage/image-files.js';
import { install, PACKAGE_FILES, PACKAGES, writeCache } from '../../../compare/storage/packages.js';
import { spreadBelow } from '../../../compare/storage/spread.js';
import { writeSyntheticTree } from '../../../compare/storage/synthetic-image.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';

const directory = mkdtempSync(join(tmpdir(), 'tsbox-compare-'));
afterAll(() => rmSync(directory, { recursive: true }));

function tree(name: string): string {
  const path = join(directory, name);
  mkdirSync(join(path, 'below'), { recursive: true });
  return path;
}

describe('the program that waits', () => {
  it('runs here until it is killed', async () => {
    const file = join(directory, 'idle');
    writeIdleProgram(file);
    const child = spawn(file, { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', (...how) => resolve(how)));
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.kill('SIGUSR1');
    expect(await ended).toEqual([null, 'SIGUSR1']);
  });

  it.each([
    ['x64', 'Advanced Micro Devices X86-64'],
    ['arm64', 'AArch64'],
  ] as const)('is an executable of %s', (arch, machine) => {
    const file = join(directory, `idle-${arch}`);
    writeIdleProgram(file, arch);
    const header = execFileSync('readelf', ['--file-header', '--program-headers', file], { encoding: 'utf8' });
    expect(header).toMatch(new RegExp(`Type: +EXEC[^]*Machine: +${machine}[^]*Entry point address: +0x400078`));
    expect(header).toMatch(/LOAD +0x0+ 0x0+400000/);
  });
});

describe('the files of an image', () => {
  it('are found in the same order everywhere, without following a link', () => {
    const image = tree('image');
    for (const name of ['b', 'a', 'below/c']) writeFileSync(join(image, name), name);
    symlinkSync('/', join(image, 'everything'));
    symlinkSync('b', join(image, 'z'));
    expect(listFiles(image)).toEqual([
      { path: 'a', size: 1 },
      { path: 'b', size: 1 },
      { path: 'below/c', size: 7 },
    ]);
  });

  it('has a largest one, or says that there is none worth the name', () => {
    const files = [1, 9000, 9000].map((size, index) => ({ path: String(index), size }));
    expect(largestFile(files)).toEqual({ path: '1', size: 9000 });
    expect(() => largestFile(files.slice(0, 1))).toThrow('the image has no file to write to');
    expect(() => largestFile([])).toThrow('the image has no file to write to');
  });

  it('of an image that was made are as many bytes as were asked for, and not those of each other', () => {
    const made = join(directory, 'made');
    const count = writeSyntheticTree(made, 10e6);
    const files = listFiles(made);
    expect(files).toHaveLength(count);
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    expect(Math.abs(bytes - 10e6)).toBeLessThan(10e6 * 0.25);
    const sums = execFileSync(
      'sha256sum',
      files.map(({ path }) => join(made, path)),
      { encoding: 'utf8' },
    );
    const contents = sums
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(new Set(contents).size).toBe(count);
  });
});

describe('what is installed', () => {
  const [cache, modules] = [join(directory, 'cache'), join(directory, 'node_modules')];

  it('is packages, unpacked from archives as tar does it', () => {
    writeCache(cache);
    const files = install(cache, modules);
    expect(new Set(files).size).toBe(PACKAGE_FILES);
    expect(PACKAGE_FILES).toBe(3000);
    const manifests = files.filter((file) => file.endsWith('/package.json'));
    expect(manifests).toHaveLength(PACKAGES);
    for (const manifest of manifests) {
      const { name } = JSON.parse(readFileSync(manifest, 'utf8'));
      expect(manifest).toBe(join(modules, name, 'package.json'));
    }
    const byTar = join(directory, 'by-tar');
    mkdirSync(byTar);
    execFileSync('tar', ['-xf', join(cache, '5.tar'), '-C', byTar, '--strip-components=1']);
    execFileSync('diff', ['-r', byTar, join(modules, '@scope-5/package-5')]);
  });

  it('may be spread over the disk, where the file system knows of that, and is there all the same', () => {
    const gate = new LibcGate();
    spreadBelow(gate, modules);
    spreadBelow(gate, '/proc');
    expect(readdirSync(modules)).toContain('package-1');
    const onExt = (statfsSync(modules).type & 0xffff) === 0xef53;
    if (onExt) expect(execFileSync('lsattr', ['-d', modules], { encoding: 'utf8' })).toMatch(/^\S*T\S* /);
  });
});

describe('disk usage', () => {
  it('counts blocks and inodes, a file with two names once, and what a link points to not at all', async () => {
    const place = tree('usage');
    writeFileSync(join(place, 'file'), Buffer.alloc(100_000, 'x'));
    linkSync(join(place, 'file'), join(place, 'below/name'));
    symlinkSync(directory, join(place, 'link'));
    const blocks = ['', 'below', 'file'].reduce((sum, name) => sum + statSync(join(place, name)).blocks * 512, 0);
    const usage = await treeUsage([place, join(place, 'below')]);
    expect(usage.inodes).toBe(4);
    expect(usage.bytes).toBe(blocks);
    expect(await treeUsage([join(place, 'nosuch')])).toEqual({ bytes: 0, inodes: 0 });
  });

  it('does not enter mounts', async () => {
    expect(await treeUsage(['/proc'])).toEqual({ bytes: 0, inodes: 0 });
  });
});

describe('the report of fio', () => {
  it('is read behind its notes', () => {
    const text =
      'note: both iodepth >= 1 and synchronous I/O\n{ "jobs": [{ "read": { "iops": 1234.5 }, "write": { "iops": 0 } }] }';
    expect(operationsPerSecond(text, 'read')).toBe(1234.5);
    expect(() => operationsPerSecond(text, 'write')).toThrow('no operations per second');
  });
});
