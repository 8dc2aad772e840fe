import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { removeTree } from '../../../core/state/remove-tree.js';

const gate = new LibcGate();
let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'remove-tree-'));
});
afterEach(() => {
  execFileSync('rm', ['-rf', base]);
});

test('removes a tree with directories of mode 000', async () => {
  const tree = join(base, 'tree');
  mkdirSync(join(tree, 'work/work'), { recursive: true });
  writeFileSync(join(tree, 'work/work/file'), '');
  execFileSync('chmod', ['000', join(tree, 'work/work')]);
  await removeTree(tree, gate);
  expect(existsSync(tree)).toBe(false);
});

test('follows no link', async () => {
  const outside = join(base, 'outside');
  writeFileSync(outside, 'kept');
  mkdirSync(join(base, 'tree'));
  symlinkSync(outside, join(base, 'tree/file'));
  symlinkSync(base, join(base, 'tree/directory'));
  await removeTree(join(base, 'tree'), gate);
  expect(readFileSync(outside, 'utf8')).toBe('kept');
});

test('a link in its place is removed, not what it leads to', async () => {
  mkdirSync(join(base, 'real'));
  symlinkSync(join(base, 'real'), join(base, 'link'));
  await removeTree(join(base, 'link'), gate);
  expect(existsSync(join(base, 'real'))).toBe(true);
  expect(existsSync(join(base, 'link'))).toBe(false);
});

test('what is not there is success', async () => {
  await removeTree(join(base, 'missing'), gate);
  await removeTree(join(base, 'missing/below'), gate);
});

test('stands somebody who is still at work in the tree', async () => {
  const tree = join(base, 'tree');
  mkdirSync(join(tree, 'below'), { recursive: true });
  let late = 0;
  /** Puts something into the tree at the last moment before a directory is removed, three times. */
  class Late extends LibcGate {
    override attempt(...call: Parameters<LibcGate['attempt']>): number {
      const [name, , , flags] = call;
      if (name === 'unlinkat' && flags === 0x200 && late < 3) writeFileSync(join(tree, `late-${late++}`), '');
      return super.attempt(...call);
    }
  }
  await removeTree(tree, new Late());
  expect({ late, there: existsSync(tree) }).toEqual({ late: 3, there: false });
});

test('removes names that are not UTF-8', async () => {
  const tree = Buffer.from(join(base, 'tree'));
  mkdirSync(tree);
  writeFileSync(Buffer.concat([tree, Buffer.from([0x2f, 0xff, 0xfe, 0x0a])]), '');
  await removeTree(String(tree), gate);
  expect(existsSync(tree)).toBe(false);
});

test('removes a tree that is deeper than PATH_MAX', async () => {
  const gate = new LibcGate();
  const name = 'd'.repeat(200);
  let fd = gate.call('openat', -100, base, 0, 0);
  for (const part of ['tree', ...Array<string>(100).fill(name)]) {
    gate.call('mkdirat', fd, part, 0o755);
    const next = gate.call('openat', fd, part, 0, 0);
    gate.call('close', fd);
    fd = next;
  }
  gate.call('close', fd);
  await removeTree(join(base, 'tree'), gate);
  expect(existsSync(join(base, 'tree'))).toBe(false);
});
