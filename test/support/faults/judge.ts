import { isDeepStrictEqual } from 'node:util';
import { TsboxError } from '../../../core/plugin/error.js';
import type { Outcome } from './lab.js';

const KILLED = 137;

/** How a launch may be told about: the errno, or that the container ended. */
export type Told = string | RegExp;

/** What is wrong with the outcome of a launch that met one fault; nothing where all is as it must be. */
export function judge(outcome: Outcome, expected: Outcome, told: Told): string[] {
  if (outcome.hung) return ['it hangs'];
  const problems = [...outcome.left];
  const { closeError } = outcome;
  if (closeError && !says(closeError, told)) problems.push(`closing the engine threw ${closeError}`);
  if (outcome.error) problems.push(...judgeError(outcome.error, told));
  // Killed at its very execve: that is a command that was killed.
  else if (outcome.status === KILLED && typeof told !== 'string') return problems;
  else if (!isDeepStrictEqual(outcome.view, expected.view))
    problems.push(`a false success: ${difference(expected.view ?? [], outcome.view ?? [])}`);
  return problems;
}

function judgeError(error: unknown, told: Told): string[] {
  if (!(error instanceof TsboxError)) return [`not an error of tsbox: ${error instanceof Error ? error.stack : error}`];
  if (error.what === '' || error.why === '') return [`the error says nothing: ${error.message}`];
  // What a driver's look at the host met is its reason not to work here.
  if (error.code === 'ERR_TSBOX_DRIVER_UNSUPPORTED') return [];
  return says(error, told) ? [] : [`the error does not say ${told}: ${error.message}`];
}

function says(error: unknown, told: Told): boolean {
  const words = chain(error);
  if (typeof told !== 'string') return told.test(words);
  // An answer of the kernel's that is not there yet will not come: netlink answers within sendto(2).
  return words.includes(told) || (told === 'EAGAIN' && words.includes('the kernel gave no answer'));
}

function chain(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return `${error.message} ${(error as NodeJS.ErrnoException).code ?? ''} ${chain(error.cause)}`;
}

function difference(expected: readonly string[], found: readonly string[]): string {
  const missing = expected.filter((line) => !found.includes(line)).map((line) => `- ${line}`);
  const more = found.filter((line) => !expected.includes(line)).map((line) => `+ ${line}`);
  return [...missing, ...more].slice(0, 6).join(' | ');
}
