// node bench/run.mjs NAME [ARGS]: bundles bench/NAME/NAME.ts with the sources of this checkout and runs it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name = 'launch', ...args] = process.argv.slice(2);
// Below node_modules, so that the packages that are not bundled are found.
const dir = join(root, 'node_modules', '.cache', `bench-${process.pid}`);
mkdirSync(dir, { recursive: true });
try {
  await build({
    entryPoints: [join(root, 'bench', name, `${name}.ts`)],
    outfile: join(dir, 'bench.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  const { status } = spawnSync(process.execPath, [join(dir, 'bench.mjs'), ...args], {
    stdio: 'inherit',
    env: { ...process.env, BENCH_ROOT: root },
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(dir, { recursive: true });
}
