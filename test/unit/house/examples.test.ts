import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../../support/run-cli.js';

const EXAMPLES = join(REPOSITORY, 'examples');
/** What can be read in a few minutes. */
const LONGEST = 119;
/** What has nothing to do with tsbox has a file of its own. */
const BESIDE: Readonly<Record<string, readonly string[]>> = { 'net-allowlist': ['proxy.ts'] };
const names = readdirSync(EXAMPLES, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const read = (...path: string[]) => readFileSync(join(EXAMPLES, ...path), 'utf8');

describe('an example', () => {
  it.each(names)('%s is of files of under 120 lines, which import tsbox/plugin and Node alone', (name) => {
    const more = BESIDE[name] ?? [];
    expect(readdirSync(join(EXAMPLES, name)).sort()).toEqual(['README.md', 'index.ts', ...more]);
    for (const file of ['index.ts', ...more]) {
      const text = read(name, file);
      expect(text.split('\n').length - 1).toBeLessThanOrEqual(LONGEST);
      const imported = [...text.matchAll(/(?:\bfrom|\bimport\()\s*'([^']+)'/g)].map(([, module]) => module as string);
      expect(imported.filter((module) => !/^(tsbox\/plugin$|node:|\.\/)/.test(module))).toEqual([]);
    }
  });

  it.each(names)('%s has a test of its own, and a row in the table', (name) => {
    expect(existsSync(join(REPOSITORY, 'test/host/examples', `${name}.test.ts`))).toBe(true);
    expect(read('README.md')).toContain(`[${name}](${name}/README.md)`);
    expect(read(name, 'README.md')).toMatch(new RegExp(`^# ${name}$`, 'm'));
  });
});
