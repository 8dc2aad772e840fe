import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../../support/run-cli.js';

const LONGEST = 250;
const GENERATED = 'core/program/launcher/images.ts';

it(`no file has more than ${LONGEST} lines: it would hold two nouns`, () => {
  const files = ['core', 'plugins', 'cli', 'compare', 'test', 'scripts'].flatMap((room) =>
    readdirSync(join(REPOSITORY, room), { recursive: true, encoding: 'utf8' }).map((name) => join(room, name)),
  );
  const sources = files.filter((file) => /\.(m?ts|m?js)$/.test(file) && file !== GENERATED);
  expect(sources.length).toBeGreaterThan(50);
  const lengths = sources.map((file) => ({
    file,
    lines: readFileSync(join(REPOSITORY, file), 'utf8').split('\n').length - 1,
  }));
  expect(lengths.filter(({ lines }) => lines > LONGEST)).toEqual([]);
});
