import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { treeSize } from '../../../core/kernel/tree/tree-size.js';

const gate = new LibcGate();
let tree: string;

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'tsbox-size-'));
});
afterEach(() => {
  execFileSync('rm', ['-rf', tree]);
});

it('counts every file once, with its holes, and follows no link', async () => {
  mkdirSync(join(tree, 'a/b'), { recursive: true });
  writeFileSync(join(tree, 'one'), 'x'.repeat(100));
  linkSync(join(tree, 'one'), join(tree, 'a/again'));
  writeFileSync(join(tree, 'a/b/sparse'), '');
  truncateSync(join(tree, 'a/b/sparse'), 1000);
  symlinkSync('/etc', join(tree, 'a/out'));
  expect(await treeSize(gate, tree)).toBe(100 + 1000 + '/etc'.length);
});

it('is 0 of what is not there', async () => expect(await treeSize(gate, join(tree, 'nosuch'))).toBe(0));

it('reads trees whose paths are longer than the kernel takes, and leaves nothing open', async () => {
  const script = `name=$(printf 'n%.0s' $(seq 200)); for i in $(seq 40); do mkdir $name && cd -P $name || exit 1; echo x > f; done`;
  execFileSync('sh', ['-c', script], { cwd: tree });
  // The gate loads its library at its first call.
  await treeSize(gate, tree);
  const open = readdirSync('/proc/self/fd').length;
  expect(await treeSize(gate, tree)).toBe(40 * 2);
  expect(readdirSync('/proc/self/fd')).toHaveLength(open);
});
