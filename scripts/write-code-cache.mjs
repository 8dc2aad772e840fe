// `write-code-cache.mjs BUNDLE CACHE`: loads the bundle as load.cjs does, makes it plan a container with
// each network, run one where that works, and writes down the code that V8 compiled for it. Only
// functions that ran are in the cache.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

const [bundle, cache] = process.argv.slice(2);
const script = new Script(readFileSync(bundle, 'latin1'), { filename: bundle });
const module = { exports: {} };
const importModule = (specifier) => import(specifier);
script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, dirname(bundle), importModule);

const scratch = mkdtempSync(join(tmpdir(), 'tsbox-build-'));
try {
  process.chdir(scratch); // where no configuration file is found
  const state = [`--root=${scratch}/root`, `--runroot=${scratch}/run`];
  const { runCommandLine } = await module.exports.commandLine();
  for (const network of ['none', 'bridge'])
    await runCommandLine([...state, 'plan', `--network=${network}`, 'host', 'true']);
  await runCommandLine([...state, 'run', '--rm', '--network=none', 'host', 'true']);
} finally {
  writeFileSync(cache, script.createCachedData());
  rmSync(scratch, { recursive: true, force: true });
}
