import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, expect } from 'vitest';
import tmpfs from '../../../examples/storage-tmpfs/index.js';
import { runSuite } from '../../support/run-suite.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox', 'attr');
const LONG = { timeout: 600_000 };
const moduleOf = (name: string) => new URL(`../../../examples/${name}/index.ts`, import.meta.url);

describe('an example without one of its undo functions', () => {
  const directory = tempDirectory();
  const description = `directory: () => ${JSON.stringify(directory)}`;
  const leftMounts = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((place) => place.startsWith(`${directory}/`));
  // What the suite finds is left behind on purpose.
  afterAll(() => {
    for (const place of leftMounts().reverse()) execFileSync('umount', ['-l', place]);
  });

  it('does not get past the first launch of its suite: a tmpfs stays mounted', LONG, async () => {
    const request = { plugin: tmpfs, module: moduleOf('storage-tmpfs'), without: 'unmount', description };
    const { passed } = await runSuite(request);
    expect(leftMounts().join('\n')).toMatch(/\/containers\/[0-9a-f]{64}\/memory$/m);
    expect(passed).toEqual([]);
  });
});
