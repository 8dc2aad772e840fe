// Runs inside the machine: each check is a program of its own that prints a line `ok NAME` or
// `not ok NAME: WHY` for every behaviour. One that prints neither, or fails without a word, failed.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const directory = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2);
const checks = readdirSync(directory)
  .filter((file) => file.endsWith('.check.mjs'))
  .filter((file) => wanted.length === 0 || wanted.includes(file.replace('.check.mjs', '')));

let passed = 0;
let failed = 0;
if (checks.length === 0) fail('there is a check to run');
for (const check of checks) await run(check);
console.log(`vm: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function run(check) {
  const before = { passed, failed };
  const child = spawn(process.execPath, [directory + check], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line);
    if (line.startsWith('ok ')) passed++;
    if (line.startsWith('not ok ')) failed++;
  }
  const status = await ended;
  if (status !== 0 && failed === before.failed) fail(`${check}: ended with ${status}`);
  if (passed === before.passed && failed === before.failed) fail(`${check}: checked nothing`);
}

function fail(text) {
  console.log(`not ok ${text}`);
  failed++;
}
