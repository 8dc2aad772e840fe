import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { troubleshootingPage } from '../../../cli/troubleshooting.js';
import { CATALOGUE, CODES } from '../../../core/explain/index.js';
import { REPOSITORY } from '../../support/run-cli.js';

const entries = Object.values(CATALOGUE).flat();
const ids = entries.map(({ id }) => id);

it('docs/troubleshooting.md is the catalogue', () => {
  const path = join(REPOSITORY, 'docs/troubleshooting.md');
  if (process.env.UPDATE_DOCS === '1') writeFileSync(path, troubleshootingPage());
  expect(readFileSync(path, 'utf8')).toBe(troubleshootingPage());
});

it('every diagnosis has an id of its own, a sentence, and something that mends it', () => {
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, why, fix, title } of entries) {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(why, id).toMatch(/\.$/);
    expect(title, id).not.toMatch(/\.$/);
    expect(fix.length, id).toBeGreaterThan(0);
  }
});

it('whatever names a diagnosis names one that there is', () => {
  const files = ['core', 'plugins', 'cli'].flatMap((room) =>
    readdirSync(join(REPOSITORY, room), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(REPOSITORY, room, name),
    ),
  );
  const named = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\bdiagnosis: '([^']+)'/g)].map(([, id]) => id));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((id) => !ids.includes(id as string))).toEqual([]);
});

it('causes of error codes that look like ids are ids', () => {
  const causes = Object.values(CODES).flatMap((code) => code.causes);
  const like = causes.filter((cause) => /^[a-z-]+-[a-z-]+$/.test(cause));
  expect(like.filter((id) => !ids.includes(id))).toEqual([]);
});
