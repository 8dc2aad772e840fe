import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findContainer } from '../../../core/state/find.js';

const root = mkdtempSync(join(tmpdir(), 'tsbox-find-'));
afterAll(() => rmSync(root, { recursive: true }));

it('the beginning of several ids is another error than that of none', () => {
  const ids = ['a1', 'a2'].map((beginning) => beginning.padEnd(64, '0'));
  for (const id of ids) mkdirSync(join(root, 'containers', id), { recursive: true });
  expect(findContainer(root, 'a1')).toBe(ids[0]);
  expect(() => findContainer(root, 'a')).toThrow(expect.objectContaining({ code: 'ERR_TSBOX_USAGE' }));
  expect(() => findContainer(root, 'b')).toThrow(expect.objectContaining({ code: 'ERR_TSBOX_NO_SUCH_CONTAINER' }));
});
