// Builds dist/. `--types` adds declarations; `--clean` also removes what builds of the last minute left,
// which is kept otherwise because a tsbox that just starts may be about to read it.
//
//   tsbox-HASH.LAYER.cjs      all the code, in the layers of layers.mjs
//   tsbox-HASH.LAYER.*.cache  a layer's compiled code for the Node that built it; any other Node compiles it itself
//   load.cjs, cli.cjs         load a layer when it is needed, once in a process
//   index.js, plugin.js …     the entry points for others, of a few lines each
//   warm.cjs                  makes the caches for another Node
//   fault-preload.cjs         for the conformance suites of tsbox/testing
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { bundleLayers, bundlePreload, ENTRIES, exportedNames, root } from './bundle.mjs';
import * as entryPoints from './entry-points.mjs';

const dist = join(root, 'dist');
/** The entry points that others import. */
const FACADES = ['index', 'plugin', 'compare', 'testing'];
const STALE_MS = 60_000;
const LARGE_BYTES = 256 * 1024;

const esbuild = await import('esbuild').catch(() => undefined);
if (esbuild) await build(process.argv.slice(2)).catch(explain);
// Installed without devDependencies: a package comes with dist/, a checkout has to be told.
else if (!existsSync(join(dist, 'cli.cjs'))) console.error('tsbox: not built: esbuild is missing; run npm ci');

async function build(flags) {
  const started = performance.now();
  mkdirSync(dist, { recursive: true });
  const { texts, entries } = await bundleLayers(esbuild);
  const written = writeLayers(texts, entries);
  written.push(write('fault-preload.cjs', await bundlePreload(esbuild)));
  for (const name of FACADES) {
    written.push(write(`${name}.js`, entryPoints.facade(name, await exportedNames(esbuild, ENTRIES[name]))));
  }
  written.push(await writeSchema());
  removeStale(new Set(written), flags.includes('--clean') ? 0 : STALE_MS);
  if (flags.includes('--types')) declarations();
  const sizes = Object.entries(texts).map(([layer, text]) => `${layer} ${Math.round(text.length / 1024)} kB`);
  console.error(`built ${sizes.join(', ')} in ${Math.round(performance.now() - started)} ms`);
}

function writeLayers(texts, entries) {
  const hash = createHash('sha256').update(Object.values(texts).join('')).digest('hex');
  const bundle = `tsbox-${hash.slice(0, 8)}`;
  const names = Object.entries(texts).map(([layer, text]) =>
    write(`${bundle}.${layer}.cjs`, entryPoints.wrapped(text)),
  );
  const large = Object.keys(texts).filter((layer) => texts[layer].length > LARGE_BYTES);
  names.push(write('load.cjs', entryPoints.loader(bundle, entries, large)));
  names.push(write('cli.cjs', entryPoints.cli(bundle, entries, large), 0o755));
  return [...names, write('warm.cjs', readFileSync(join(root, 'scripts/warm.cjs'))), ...cacheCode(names)];
}

/** What is wrong with the sources has been printed by then. */
function explain(error) {
  console.error(`build: ${error.errors ? error.message.split('\n')[0] : error.stack}`);
  process.exitCode = 1;
}

/** Whoever starts tsbox during a build gets the old file or the new one, never half of one. */
function write(name, contents, mode = 0o644) {
  const temporary = join(dist, `${name}.${process.pid}`);
  writeFileSync(temporary, contents, { mode });
  renameSync(temporary, join(dist, name));
  return name;
}

/** The caches only save time: a build is whole without them. */
function cacheCode(names) {
  spawnSync(process.execPath, [join(dist, 'warm.cjs')], { stdio: ['ignore', 'ignore', 'inherit'], timeout: 30_000 });
  return names.map(entryPoints.cacheName);
}

async function writeSchema() {
  const bundle = createRequire(import.meta.url)(join(dist, 'load.cjs'));
  const [{ jsonSchema }, { builtins }] = [await bundle.schema(), await bundle.builtins()];
  const plugins = await Promise.all(builtins.map((source) => source.load()));
  return write('schema.json', `${JSON.stringify(jsonSchema(plugins), null, 2)}\n`);
}

function removeStale(current, olderThanMs) {
  for (const name of readdirSync(dist)) {
    const file = join(dist, name);
    const isStale = !current.has(name) && /\.(c?js|cache)$/.test(name);
    if (isStale && Date.now() - statSync(file).mtimeMs >= olderThanMs) rmSync(file, { force: true });
  }
}

function declarations() {
  rmSync(join(dist, 'types'), { recursive: true, force: true });
  const files = FACADES.map((name) => `../${ENTRIES[name]}`);
  // tsc takes files or a project, not both: a project of its own, beside which nothing else is checked.
  const project = join(dist, `tsconfig.${process.pid}.json`);
  writeFileSync(project, JSON.stringify({ extends: '../tsconfig.json', files, include: [] }));
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', basename(project)], { cwd: dist, stdio: 'inherit' });
  } finally {
    rmSync(project);
  }
}
