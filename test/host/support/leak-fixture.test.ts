import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../../support/run-cli.js';

it('a file whose tests pass but that leaks fails, and the report says what it left', async () => {
  const vitest = join(REPOSITORY, 'node_modules/vitest/vitest.mjs');
  const config = join(REPOSITORY, 'test/fixtures/leaking/vitest.config.ts');
  const env = { ...process.env, NO_COLOR: '1' };
  const failure = await promisify(execFile)(process.execPath, [vitest, 'run', '--config', config], { env }).catch(
    (error) => error,
  );
  expect(failure).toMatchObject({ code: 1 });
  expect(failure.stdout).toContain('1 passed');
  expect(failure.stderr).toMatch(/the host is not as it was[\s\S]*own signal listeners:\n\s*\+ SIGWINCH: 1/);
});
