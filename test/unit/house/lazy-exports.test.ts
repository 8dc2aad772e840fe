import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { withLazyExports } from '../../../scripts/lazy-exports.mjs';
import { tempDirectory } from '../../support/temp-root.js';

type Loaders = Readonly<Record<string, () => Readonly<Record<string, unknown>>>>;

const FILES = {
  'shapes.js':
    'export class Circle { radius = 2 } export const area = ({ radius }) => radius * helper(); import { helper } from "./helper.js";',
  'helper.js':
    'import { Circle } from "./shapes.js"; export const helper = () => new Circle().radius * 10; export let count = 0; export const more = () => ++count;',
  'names.js':
    'import * as shapes from "./shapes.js"; export const make = (name) => new shapes[name](); export const named = () => new shapes.Circle(); export const all = shapes;',
  'facade.js':
    'export * from "./shapes.js"; export * from "outside"; export const own = "ours"; export * as helpers from "./helper.js";',
  'user.js': 'import { Outside } from "./facade.js"; export const made = () => new Outside();',
  'later.js': 'export default 1; export const load = () => import("./helper.js");',
};
class Outside {}
const OUTSIDE = { own: 'theirs', other: 'theirs', Outside, __esModule: true };

/** What each file's loader gives, from a text as a layer is built. */
async function loaded(): Promise<Loaders> {
  const directory = join(tempDirectory(), 'modules');
  mkdirSync(directory);
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(directory, name), text);
  const lines = Object.keys(FILES).map((name) => `exports[${JSON.stringify(name)}] = () => require('./${name}');`);
  const { outputFiles } = await build({
    stdin: { contents: lines.join('\n'), resolveDir: directory, loader: 'js' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    external: ['outside'],
    minifyWhitespace: true,
    minifySyntax: true,
  });
  const text = withLazyExports(outputFiles[0]?.text as string);
  const own = { exports: {} };
  new Function('exports', 'require', 'module', text)(own.exports, () => OUTSIDE, own);
  return own.exports as Loaders;
}

describe('exports that are made when they are asked for', async () => {
  const modules = await loaded();
  const load = (name: string) => modules[name]?.() as Readonly<Record<string, unknown>>;
  const call = (name: string, method: string, ...args: unknown[]): unknown =>
    (load(name)[method] as (...args: unknown[]) => unknown)(...args);

  it('are all names of a module, in a circle too, and one object for everybody', () => {
    expect(Object.keys(load('shapes.js'))).toEqual(['Circle', 'area']);
    expect(load('shapes.js').__esModule).toBe(true);
    expect(load('shapes.js')).toBe(load('shapes.js'));
    expect(call('shapes.js', 'area', { radius: 3 })).toBe(60);
  });

  it('are live', () => {
    expect(load('helper.js').count).toBe(0);
    call('helper.js', 'more');
    expect(load('helper.js').count).toBe(1);
  });

  it('can be had as a namespace', () => {
    expect(call('names.js', 'make', 'Circle')).toEqual({ radius: 2 });
    expect(call('names.js', 'named')).toEqual({ radius: 2 });
    expect(Object.keys(load('names.js').all as object)).toEqual(['Circle', 'area']);
  });

  it('are handed on, and what a module exports itself wins', () => {
    const { own, other, helpers, Circle } = load('facade.js');
    expect([own, other]).toEqual(['ours', 'theirs']);
    expect(Circle).toBe(load('shapes.js').Circle);
    expect(call('user.js', 'made')).toBeInstanceOf(Outside);
    expect((helpers as { helper: () => number }).helper()).toBe(20);
  });

  it('come with import(), and there is a default', async () => {
    expect(load('later.js').default).toBe(1);
    expect(await call('later.js', 'load')).toHaveProperty('helper');
  });

  it('are refused in a form that is not known', () => {
    expect(() => withLazyExports('__export(x_exports, names);')).toThrow('another form');
  });
});
