// `warm.cjs [BUNDLE]`, in dist/: loads the bundle as load.cjs does, makes it plan a container with each network,
// run one where that works, and writes down the code that V8 compiled for it. Only functions that ran are in
// the cache. A build runs it, and npm when it has installed the package: the cache is for one Node only.
'use strict';
const { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const filename = join(__dirname, process.argv[2] ?? bundleName());
const cache = filename.replace(/cjs$/, `${process.version}-${process.arch}.cache`);
// It only saves time: without it tsbox starts a little later, and installing it is no reason to fail.
if (!existsSync(cache)) writeCache().catch(({ message }) => console.error(`tsbox: no code cache: ${message}`));

/** As load.cjs names it. */
function bundleName() {
  return /tsbox-[0-9a-f]{8}\.cjs/.exec(readFileSync(join(__dirname, 'load.cjs'), 'latin1'))[0];
}

async function writeCache() {
  const script = new Script(readFileSync(filename, 'latin1'), { filename });
  const bundle = { exports: {} };
  const importModule = (specifier) => import(specifier);
  const scratch = mkdtempSync(join(tmpdir(), 'tsbox-warm-'));
  try {
    const load = script.runInThisContext();
    load(bundle.exports, createRequire(filename), bundle, filename, dirname(filename), importModule);
    await exercise(bundle.exports, scratch);
    writeFileSync(join(scratch, 'cache'), script.createCachedData());
    put(join(scratch, 'cache'));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** In a directory where no configuration file is found. What it prints is for nobody. */
async function exercise({ commandLine }, scratch) {
  process.chdir(scratch);
  const state = [`--root=${scratch}/root`, `--runroot=${scratch}/run`];
  const { runCommandLine } = await commandLine();
  for (const network of ['none', 'bridge'])
    await runCommandLine([...state, 'plan', `--network=${network}`, 'host', 'true']);
  await runCommandLine([...state, 'run', '--rm', '--network=none', 'host', 'true']);
}

/** Whoever starts tsbox meanwhile finds all of it or nothing. */
function put(file) {
  const temporary = `${cache}.${process.pid}`;
  try {
    writeFileSync(temporary, readFileSync(file));
    renameSync(temporary, cache);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
