import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import type { Result } from '../../bench/result.js';
import { REPOSITORY } from '../support/run-cli.js';
import { skipUnless } from '../support/skip.js';
import { tempDirectory } from '../support/temp-root.js';

const { describe, it } = skipUnless('root', 'cc', 'overlay', 'ip', 'btrfs');
const results = tempDirectory();
/** As little of everything as makes a table. */
const QUICK = {
  ROUNDS: '1',
  WARM_UP: '1',
  PER_ROUND: '1',
  CONTAINERS: '2',
  COUNTS: '1,2',
  SIZES: '2,4',
  FILES: '60',
  LARGE_MIB: '2',
  LAUNCHES: '4',
};
const ROWS: Readonly<Record<string, readonly string[]>> = {
  concurrency: ['1 at once', '4 at once', '2 at once'],
  copy: ['cp -a --reflink=auto', 'storage copy'],
  exec: ['C program, until its end', 'tsbox exec in process', 'nsenter spawned from Node'],
  'image-size': ['2 MB', '4 MB', '60 small files'],
  launch: ['floor in C, no network', 'tsbox, no network', 'floor in C, bridge', 'tsbox, bridge', 'node -e 0'],
  memory: ['after 2', 'after 4'],
  plugins: ['no plugin', 'twenty plugins'],
  runtimes: ['tsbox in process'],
  scale: ['1 running', '2 running'],
  startup: ['node -e 0', 'tsbox version', 'tsbox ps', 'tsbox logs', 'tsbox inspect', 'tsbox run'],
  teardown: ['no network', 'a bridge that is there', 'alone on its bridge', 'tsbox rm -f'],
};

function bench(...args: string[]) {
  const { NODE_ENV, NODE_OPTIONS, VITEST, ...env } = process.env;
  return promisify(execFile)(process.execPath, ['bench/run.mjs', ...args], {
    cwd: REPOSITORY,
    env: { ...env, ...QUICK, BENCH_BUILT: '1', BENCH_RESULTS_DIR: results },
    maxBuffer: 2 ** 24,
  });
}

describe('npm run bench', () => {
  it('knows all that is measured', () => {
    const names = readdirSync(join(REPOSITORY, 'bench'), { withFileTypes: true });
    const benches = names.filter((entry) => entry.isDirectory() && entry.name !== 'summary').map(({ name }) => name);
    expect(benches.sort()).toEqual(Object.keys(ROWS).sort());
  });

  it.each(Object.entries(ROWS))(
    '%s ends, prints its tables, keeps their rows and leaves nothing',
    async (name, rows) => {
      const { stdout } = await bench(name);
      const kept = readFileSync(join(results, `${name}.jsonl`), 'utf8')
        .trim()
        .split('\n');
      const lines = kept.map((line) => JSON.parse(line) as Result);
      expect(lines.map(({ row }) => row)).toEqual(expect.arrayContaining([...rows]));
      for (const { row, table, medians, samples, host, bench: own } of lines) {
        expect(stdout).toContain(row);
        expect(stdout).toContain(table);
        expect([own, host.node]).toEqual([name, process.versions.node]);
        expect(samples).toBeGreaterThan(0);
        for (const number of Object.values(medians)) expect(number).not.toBeNaN();
      }
      expect(readdirSync(tmpdir()).filter((entry) => entry.startsWith('tsbox-bench-'))).toEqual([]);
    },
    180_000,
  );

  it('prints what is to hold, with what was measured last', async () => {
    const { stdout } = await bench('--targets');
    expect(stdout).toMatch(
      /^warm launch in process, no network, against the floor in C +at most +1\.2 +\d+\.\d\d \(.*samples/m,
    );
    expect(stdout).toMatch(/^against docker run +at least 50 /m);
    expect(stdout).not.toMatch(/NaN|undefined/);
  });

  it('refuses what is not there', async () => {
    await expect(bench('nothing')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no nothing; there are concurrency, copy, exec'),
    });
  });
});
