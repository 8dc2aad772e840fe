import { resolve } from 'node:path';
import type { ReadinessConfig } from '../config/environment-schema.js';
import { durationInMilliseconds } from '../config/parse/duration.js';
import type { Contribution } from './contributions.js';
import { refusal } from './refusal.js';
import { splitWords } from './split-words.js';
import type { Condition, Readiness } from './types.js';

/** The nearest that is said of a key. */
export function nearestOf(contributions: readonly Contribution[], key: string): Contribution | undefined {
  return contributions.find((one) => one.key === key);
}

/** A path starts where it was written, whoever extends that. */
export function resolveImage({ value, source }: Contribution): string {
  const image = String(value);
  return /^\.\.?(\/|$)/.test(image) ? resolve(source.directory, image) : image;
}

/** @throws TsboxError with file and line */
export async function resolveCommand(contribution: Contribution): Promise<readonly string[]> {
  return words(contribution.value as string | readonly string[], contribution, []);
}

async function words(
  value: string | readonly string[],
  { source, path }: Contribution,
  below: readonly string[],
): Promise<readonly string[]> {
  if (typeof value !== 'string') return value;
  try {
    return splitWords(value);
  } catch (error) {
    throw await refusal(`cannot split the command ${JSON.stringify(value)}`, {
      file: source.file ?? '',
      path: [...path, ...below],
      why: (error as Error).message,
      fix: 'write it as a list: one item for each argument',
    });
  }
}

const HOW = ['command', 'port', 'log'] as const;

/** @throws TsboxError with file and line */
export async function resolveReadiness(contribution: Contribution): Promise<Readiness> {
  const { value, source, path } = contribution;
  const config = value as ReadinessConfig;
  const wrong = (key: string | undefined, why: string, fix: string) =>
    refusal('cannot use ready', {
      file: source.file ?? '',
      path: key === undefined ? path : [...path, key],
      why,
      fix,
    });
  const given = HOW.filter((key) => config[key] !== undefined);
  if (given.length !== 1)
    throw await wrong(
      undefined,
      `it has ${given.join(' and ') || 'neither command nor port nor log'}`,
      'ready: { port: 80 }',
    );
  const time = async (key: 'interval' | 'timeout', standard: number) => {
    const text = config[key];
    const time = text === undefined ? standard : durationInMilliseconds(text);
    if (time === undefined || time <= 0)
      throw await wrong(key, `${JSON.stringify(text)} is no duration`, `${key}: 500ms`);
    return time;
  };
  const { command, port, log, retries = 20 } = config;
  if (port !== undefined && !isInteger(port, 1, 65_535)) throw await wrong('port', `${port} is no port`, 'port: 80');
  if (!isInteger(retries, 1, 1_000_000))
    throw await wrong('retries', `${retries} is no number of attempts`, 'retries: 20');
  return {
    ...(command !== undefined && { command: await words(command, contribution, ['command']) }),
    ...(port !== undefined && { port }),
    ...(log !== undefined && { log }),
    intervalMs: await time('interval', 500),
    timeoutMs: await time('timeout', 10_000),
    retries,
  };
}

function isInteger(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** Services that are waited for; `null`, from a list, means whatever that one can tell. */
export function wantedServices(contributions: readonly Contribution[]): Map<string, Contribution> {
  const wanted = new Map<string, Contribution>();
  for (const one of contributions) {
    if (!one.key.startsWith('dependsOn.')) continue;
    const name = one.key.slice('dependsOn.'.length);
    if (!wanted.has(name)) wanted.set(name, one);
  }
  return wanted;
}

export function conditionOf({ value }: Contribution, other: { readonly ready?: Readiness }): Condition {
  return value === null ? (other.ready ? 'ready' : 'started') : (value as Condition);
}
