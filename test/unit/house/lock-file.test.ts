import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../../support/run-cli.js';

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const lock = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8'));
const packages = Object.entries(lock.packages as Record<string, Entry>);

it('the lock file names no registry: that is the choice of whoever installs', () => {
  expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

it('the lock file has every package for every platform, without which npm ci refuses it', () => {
  const present = new Set(packages.map(([path]) => path.split('node_modules/').at(-1)));
  const wanted = packages.flatMap(([, entry]) => Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }));
  expect(wanted.filter((name) => !present.has(name))).toEqual([]);
  expect(packages.filter(([path, { version }]) => path !== '' && version === undefined)).toEqual([]);
});
