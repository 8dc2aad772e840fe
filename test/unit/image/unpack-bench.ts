import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { resolveImage } from '../../../core/image/index.js';
import { readHost } from '../../../core/kernel/host.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { type Member, tar } from './tar-builder.js';

export const gate = new LibcGate();
/** As an ordinary user would unpack, whoever runs this. */
export const host = { ...readHost(), privileged: false };
/** Of the running test; a directory of its own, removed after it. */
export let base: string;
/** What the user would have been told in the running test. */
export let warnings: string[];

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tsbox-unpack-'));
  warnings = [];
});
afterEach(() => {
  execFileSync('chmod', ['-R', 'u+rwX', base]);
  rmSync(base, { recursive: true });
});

export const root = () => join(base, 'root');

export function file(content: Buffer): string {
  const path = join(base, `${createHash('sha1').update(content).digest('hex').slice(0, 8)}.tar`);
  writeFileSync(path, content);
  return path;
}

export const resolve = (path: string, more = {}) =>
  resolveImage(path, { root: root(), gate, host, env: {}, warn: (message) => warnings.push(message), ...more });

export async function unpack(...members: Member[]): Promise<string> {
  return (await resolve(file(tar(...members)))).layers[0] as string;
}
