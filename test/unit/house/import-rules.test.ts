import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY } from '../../support/run-cli.js';

/** A house in which every import breaks the rule it stands beside. */
const BROKEN: readonly (readonly [rule: string, file: string, imported: string])[] = [
  ['no-circles', 'core/engine/a.ts', './b.js'],
  ['no-unresolved', 'core/engine/lost.ts', './nowhere.js'],
  ['kernel-is-the-ground', 'core/kernel/up.ts', '../program/op.js'],
  ['program-on-kernel', 'core/program/up.ts', '../plugin/index.js'],
  ['contract-on-program', 'core/plugin/up.ts', '../engine/engine.js'],
  ['plugins-on-contract', 'plugins/one/engine.ts', '../../core/engine/engine.js'],
  ['plugins-on-contract', 'plugins/one/other.ts', '../two/index.js'],
  ['plugins-on-contract', 'plugins/one/past-the-contract.ts', '../../core/kernel/gate.js'],
  ['examples-on-contract', 'examples/one/index.ts', '../../core/engine/engine.js'],
  ['examples-on-contract', 'examples/one/other.ts', '../two/index.js'],
  ['builtins-list-plugins', 'plugins/builtins.ts', './one/one-driver.js'],
  ['engine-knows-no-plugin', 'core/engine/knows.ts', '../../plugins/two/index.js'],
  ['composition-takes-the-list', 'core/index.ts', '../plugins/two/index.js'],
  ['composition-takes-the-list', 'cli/main.ts', '../plugins/two/index.js'],
  ['nothing-knows-the-cli', 'core/engine/prints.ts', '../../cli/print.js'],
  ['nothing-knows-the-cli', 'core/engine/compares.ts', '../../compare/report.js'],
  ['compare-on-the-library', 'compare/inside.ts', '../core/engine/engine.js'],
  ['compare-on-the-library', 'compare/print.ts', '../cli/print.js'],
  ['koffi-in-the-gate', 'core/kernel/foreign.ts', 'koffi'],
  ['tsyringe-where-things-are-wired', 'plugins/one/one-driver.ts', 'tsyringe'],
  ['commander-in-the-cli', 'core/engine/parses.ts', 'commander'],
];
/** One in which nothing does. */
const SOUND: readonly (readonly [file: string, imported: string])[] = [
  ['core/kernel/gate.ts', 'koffi'],
  ['core/kernel/mount.ts', './gate.js'],
  ['core/program/op.ts', '../kernel/gate.js'],
  ['core/plugin/index.ts', '../program/op.js'],
  ['core/plugin/tokens.ts', 'tsyringe'],
  ['core/engine/engine.ts', '../plugin/index.js'],
  ['core/engine/b.ts', './a.js'], // closes the circle, which is reported once
  ['plugins/two/index.ts', '../../core/plugin/index.js'],
  ['examples/two/index.ts', '../../core/plugin/index.js'],
  ['plugins/two/wired.ts', './index.js'],
  ['plugins/builtins-of-another.ts', './two/index.js'],
  ['cli/print.ts', '../core/engine/engine.js'],
  ['compare/report.ts', '../core/plugin/index.js'],
  ['cli/compares.ts', '../compare/report.js'],
];

const config = join(REPOSITORY, '.dependency-cruiser.cjs');
const house = mkdtempSync(join(tmpdir(), 'tsbox-house-'));
let violations: { rule: string; file: string }[];

beforeAll(() => {
  for (const [file, imported] of [...SOUND, ...BROKEN.map(([, file, imported]) => [file, imported] as const)]) {
    mkdirSync(dirname(join(house, file)), { recursive: true });
    writeFileSync(join(house, file), `export * from '${imported}';\n`);
  }
  writeFileSync(
    join(house, 'tsconfig.json'),
    '{ "compilerOptions": { "module": "NodeNext", "moduleResolution": "NodeNext" } }',
  );
  symlinkSync(join(REPOSITORY, 'node_modules'), join(house, 'node_modules'));
  const depcruise = join(REPOSITORY, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [
    depcruise,
    '--config',
    config,
    '--output-type',
    'json',
    'core',
    'plugins',
    'cli',
    'compare',
    'examples',
  ];
  const report = JSON.parse(execFileSync(process.execPath, args, { cwd: house, encoding: 'utf8' }));
  violations = report.summary.violations.map((found: { rule: { name: string }; from: string }) => ({
    rule: found.rule.name,
    file: found.from,
  }));
});
afterAll(() => rmSync(house, { recursive: true }));

describe('the import rules of the house', () => {
  it.each(BROKEN)('%s: %s must not import %s', (rule, file) => {
    expect(violations).toContainEqual({ rule, file });
  });

  it.each(SOUND)('%s may import %s', (file) => {
    expect(violations.filter((found) => found.file === file)).toEqual([]);
  });

  it('every rule is broken by one of these', () => {
    const { forbidden } = createRequire(import.meta.url)(config) as { forbidden: { name: string }[] };
    expect(new Set(BROKEN.map(([rule]) => rule))).toEqual(new Set(forbidden.map(({ name }) => name)));
  });
});
