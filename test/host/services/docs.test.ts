import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { REPOSITORY, runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { it } = skipUnless('root', 'busybox', 'overlay');
const state = tempRoot();

it('every file and command of docs/services.md works, in its order', { timeout: 120_000 }, async () => {
  const text = readFileSync(join(REPOSITORY, 'docs/services.md'), 'utf8');
  const cwd = join(state.directory, 'docs');
  mkdirSync(cwd);
  let commands = 0;
  for (const [, kind, block = ''] of text.matchAll(/```(yaml|sh)\n([\s\S]*?)```/g)) {
    const name = /^# (\S+)\n/.exec(block)?.[1];
    if (kind === 'yaml') writeFileSync(join(cwd, name as string), block, { mode: 0o644 });
    else
      for (const line of block.trim().split('\n')) {
        const [program, ...args] = line.split(' ');
        expect(program).toBe('tsbox');
        const { status, stdout, stderr } = await runCli([...state.flags, ...args], { cwd });
        expect({ line, status, stdout, stderr }).toMatchObject({ status: 0 });
        commands++;
      }
  }
  expect(commands).toBe(8);
  expect((await runCli([...state.flags, 'ps', '-aq'])).stdout).toBe('');
  const networks = await runCli([...state.flags, 'network', 'ls', '-q', '--filter', 'type=custom']);
  expect(networks.stdout).toBe('');
});
