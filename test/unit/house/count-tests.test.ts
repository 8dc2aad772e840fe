import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../../support/run-cli.js';

/** What .ci/run adds up of a report. */
function counted(files: object[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'count-tests-'));
  try {
    const report = join(directory, 'report.json');
    writeFileSync(report, JSON.stringify({ testResults: files }));
    const script = join(REPOSITORY, '.ci/count-tests.mjs');
    return execFileSync(process.execPath, [script, report], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const test = (status: string, meta: object = {}) => ({ fullName: `a ${status} test`, status, meta });
const file = (status: string, ...assertionResults: object[]) => ({ status, assertionResults });

it('counts a skip as a failure, unless a driver says that it has not what is tested', () => {
  const unasked = test('skipped', { inapplicable: 'it publishes no ports' });
  expect(counted([file('passed', test('passed'), test('passed'), unasked)])).toBe('2 0\n');
  expect(counted([file('passed', test('passed'), test('skipped'), test('todo'))])).toBe('1 2\n');
  expect(counted([file('failed', test('passed'), test('failed', { inapplicable: 'it is not' }))])).toBe('1 1\n');
});

it('counts a file that fails outside of its tests, and a run without a file', () => {
  expect(counted([file('failed', test('passed'))])).toBe('1 1\n');
  expect(counted([])).toBe('0 1\n');
});
