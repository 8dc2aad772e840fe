// `npm run test:vm [-- NAME...]`: every test/vm/*.check.mjs (or those named) in one boot of the
// machine. Status 77 when it cannot be had: see README.md.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runInVm, VmError, VmUnavailable } from './vm.mjs';

const SKIPPED = 77;
const TIMEOUT_MS = 900_000;
const repository = fileURLToPath(new URL('../..', import.meta.url));

process.exitCode = await main(process.argv.slice(2)).catch(explain);

async function main(names) {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: repository, stdio: ['ignore', 'ignore', 'inherit'] });
  const { status } = await runInVm({
    command: [process.execPath, 'test/vm/all.mjs', ...names],
    cwd: repository,
    timeoutMs: TIMEOUT_MS,
    onOutput: (chunk) => process.stdout.write(chunk),
  });
  return status;
}

function explain(error) {
  if (error instanceof VmError) {
    console.error(error.message);
    return 1;
  }
  if (!(error instanceof VmUnavailable)) throw error;
  console.log(error.message);
  return process.env.TSBOX_NO_SKIP === '1' ? 1 : SKIPPED;
}
