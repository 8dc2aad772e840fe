// npm run bench                  all of bench/NAME/NAME.ts, one after the other, then what is to hold
// npm run bench NAME...          only these
// npm run bench -- --targets     nothing is measured: what is to hold, and what was measured last
// npm run bench -- --record      the results go to bench/history.jsonl as well
// Each is bundled with the sources of this checkout. The last results of each are in test-artifacts/bench.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = process.env.BENCH_RESULTS_DIR ?? join(root, 'test-artifacts/bench');
const ALL = readdirSync(join(root, 'bench')).filter((name) => existsSync(source(name)) && name !== 'summary');
// Node reads certificates that it is told of at every start, which would make a start of its own look long.
delete process.env.NODE_EXTRA_CA_CERTS;
// Below node_modules, so that the packages that are not bundled are found.
const scratch = join(root, 'node_modules', '.cache', `bench-${process.pid}`);
// What runs takes everything back and ends; then so does this.
let child;
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    interrupted = true;
    child?.kill(signal);
  });
}

process.exitCode = await main(process.argv.slice(2));

async function main(args) {
  const names = args.filter((arg) => !arg.startsWith('--'));
  const wrong = names.find((name) => !ALL.includes(name)) ?? args.find((arg) => !isOption(arg) && arg.startsWith('--'));
  if (wrong !== undefined) {
    console.error(`bench: there is no ${wrong}; there are ${ALL.join(', ')}, --targets, --record`);
    return 2;
  }
  const chosen = args.includes('--targets') ? [] : names.length > 0 ? names : ALL;
  mkdirSync(scratch, { recursive: true });
  mkdirSync(results, { recursive: true });
  try {
    if (chosen.length > 0 && !process.env.BENCH_BUILT)
      execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'ignore' });
    let failed = 0;
    for (const name of chosen) {
      console.log(`== ${name}\n`);
      const status = await measure(name, args.includes('--record'));
      if (status !== 0) console.error(`bench: ${name} failed`);
      if (interrupted) return status;
      failed ||= status;
    }
    return (await run('summary', {})) || failed;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function isOption(arg) {
  return arg === '--targets' || arg === '--record';
}

/** Only what came to its end counts as the last result. */
async function measure(name, record) {
  const file = join(scratch, `${name}.jsonl`);
  const status = await run(name, { BENCH_RESULTS: file, BENCH_NAME: name, BENCH_COMMIT: commit() });
  if (status !== 0 || !existsSync(file)) return status;
  if (record) appendFileSync(join(root, 'bench/history.jsonl'), readFileSync(file));
  copyFileSync(file, join(results, `${name}.jsonl`));
  return 0;
}

async function run(name, env) {
  const bundle = join(scratch, `${name}.mjs`);
  await build({
    entryPoints: [source(name)],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  child = spawn(process.execPath, [bundle], {
    stdio: 'inherit',
    env: { ...process.env, BENCH_ROOT: root, BENCH_RESULTS_DIR: results, ...env },
  });
  const [status] = await once(child, 'exit');
  return status ?? 1;
}

function source(name) {
  return join(root, 'bench', name, `${name}.ts`);
}

/** With a mark where the checkout is not what was committed. */
function commit() {
  const git = (...words) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    return '';
  }
}
