import { createInterface } from 'node:readline/promises';
import { TsboxError } from '../core/plugin/error.js';

/**
 * Asks before something is removed for good. Nobody is asked who is not there to answer: without a terminal
 * `--force` says so. @throws TsboxError ERR_TSBOX_USAGE
 */
export async function confirm(force: boolean, warning: string): Promise<boolean> {
  if (force) return true;
  if (!process.stdin.isTTY) {
    throw new TsboxError('ERR_TSBOX_USAGE', {
      what: 'cannot ask whether that is meant',
      why: 'stdin is not a terminal',
      fix: 'add --force (-f) to do it without asking',
    });
  }
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asked.question(`WARNING! ${warning}\nAre you sure you want to continue? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asked.close();
  }
}
