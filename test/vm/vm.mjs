// Runs a command in a virtual machine whose cgroups are pure v2. See README.md.
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { boot } from './boot.mjs';
import { buildInitrd } from './initrd.mjs';
import { prepareVm } from './machine.mjs';
import { VmUnavailable } from './packages.mjs';

export { VmError } from './boot.mjs';
export { prepareVm } from './machine.mjs';
export { VmUnavailable } from './packages.mjs';

const SKIPPED = 77; // what automake and TAP harnesses take for "skipped"
const MACHINE_FAILED = 125; // as env, timeout and docker use it: the command was not to blame

/**
 * Boots a machine and runs one command in it, as root, with the host's files (writes vanish with it).
 * @param {{ command: string[], cwd?: string, timeoutMs?: number, memoryMb?: number,
 *   env?: Record<string, string>, onOutput?: (chunk: Buffer) => void, signal?: AbortSignal }} options
 * @returns {Promise<{ status: number, output: string }>} standard output and error together
 * @throws {VmUnavailable | import('./boot.mjs').VmError}
 */
export async function runInVm({
  command,
  cwd = process.cwd(),
  env = {},
  timeoutMs = 300_000,
  memoryMb = 2048,
  onOutput,
  signal,
}) {
  const machine = await prepareVm();
  const job = { command, cwd: resolve(cwd), env: { ...inherited(), ...env } };
  return boot(machine, await buildInitrd(machine, job), { timeoutMs, memoryMb, onOutput, signal });
}

function inherited() {
  const settings = Object.entries(process.env).filter(([name]) => name === 'CI' || name.startsWith('TSBOX_'));
  const { PATH = '/usr/sbin:/usr/bin:/sbin:/bin' } = process.env;
  return { PATH, HOME: '/root', TMPDIR: '/run/tmp', LANG: 'C.UTF-8', ...Object.fromEntries(settings) };
}

async function main(signal) {
  const { values, positionals: command } = parseArgs({
    allowPositionals: true,
    options: { cwd: { type: 'string' }, timeout: { type: 'string' }, memory: { type: 'string' } },
  });
  if (command.length === 0)
    throw new Error('vm: usage: vm.mjs [--cwd DIR] [--timeout SECONDS] [--memory MB] -- COMMAND ARGS...');
  const { status } = await runInVm({
    command,
    cwd: values.cwd,
    timeoutMs: values.timeout && positive('timeout', values.timeout) * 1000,
    memoryMb: values.memory && positive('memory', values.memory),
    onOutput: (chunk) => process.stdout.write(chunk),
    signal,
  });
  return status;
}

function positive(option, text) {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`vm: --${option} takes a whole number, not '${text}'`);
  return Number(text);
}

function explain(error) {
  if (!(error instanceof VmUnavailable)) {
    console.error(error.message);
    return MACHINE_FAILED;
  }
  console.log(error.message);
  return process.env.TSBOX_NO_SKIP === '1' ? 1 : SKIPPED;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  // Node's own end by a signal would leave the machine to notice it, and a zombie to whoever adopts it.
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => interrupted.abort());
  process.exitCode = await main(interrupted.signal).catch(explain);
}
