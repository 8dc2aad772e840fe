// `warm.cjs`, in dist/: makes tsbox plan a container with each network, run one where that works, and list what
// there is, and writes down the code that V8 compiled for it, layer by layer. Only functions that ran are in the
// caches; in that of the first layer, only those that ran for a command that needs little else. A build runs it,
// and npm when it has installed the package: a cache is for one Node only.
'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const ELSEWHERE_MS = 10_000;

const layers = layerFiles();
// They only save time: without them tsbox starts a little later, and installing it is no reason to fail.
if (!layers.every(({ cache }) => existsSync(cache)))
  writeCaches().catch(({ message }) => console.error(`tsbox: no code cache: ${message}`));

/** Those that load.cjs loads: beside them may stand what another build left. */
function layerFiles() {
  const bundle = /tsbox-[0-9a-f]{8}/.exec(readFileSync(join(__dirname, 'load.cjs'), 'latin1'))[0];
  const files = readdirSync(__dirname).filter((file) => file.startsWith(bundle) && file.endsWith('.cjs'));
  return files.map((file) => ({
    name: file.split('.')[1],
    cache: join(__dirname, file.replace(/cjs$/, `${process.version}-${process.arch}.cache`)),
  }));
}

async function writeCaches() {
  const scratch = mkdtempSync(join(tmpdir(), 'tsbox-warm-'));
  try {
    const bundle = require('./load.cjs');
    const caches = await exercise(bundle, scratch);
    for (const { name, cache } of layers) {
      writeFileSync(join(scratch, 'cache'), caches[name] ?? bundle.scriptOf(name).createCachedData());
      put(join(scratch, 'cache'), cache);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * In a directory where no configuration file is found. What it prints is for nobody.
 * @returns the caches that are made before the end, by layer
 */
async function exercise({ commandLine, scriptOf }, scratch) {
  process.chdir(scratch);
  const state = [`--root=${scratch}/root`, `--runroot=${scratch}/run`];
  const { runCommandLine } = await commandLine();
  const tsbox = (words) => runCommandLine([...state, ...words.split(' ')]);
  const create = ['create', '--name=warm', '--network=none', 'host', 'sh', '-c', 'echo warm; exec sleep 5'];
  // Elsewhere, so that nothing of it is in the first cache. Where it does not start, only what ended is listed.
  for (const words of [create, ['start', 'warm']]) {
    const command = [join(__dirname, 'cli.cjs'), ...state, ...words];
    spawnSync(process.execPath, command, { stdio: 'ignore', timeout: ELSEWHERE_MS });
  }
  for (const words of ['version', 'ps -a', 'inspect warm', 'logs warm']) await tsbox(words);
  const start = scriptOf('start').createCachedData();
  for (const network of ['none', 'bridge']) await tsbox(`plan --network=${network} host true`);
  await tsbox('run --rm --network=none host true');
  await tsbox('rm -f warm');
  await runCommandLine([...state, ...create]);
  await tsbox('rm warm');
  return { start };
}

/** Whoever starts tsbox meanwhile finds all of it or nothing. */
function put(file, cache) {
  const temporary = `${cache}.${process.pid}`;
  try {
    writeFileSync(temporary, readFileSync(file));
    renameSync(temporary, cache);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
