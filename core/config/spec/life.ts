import type { LogSpec, Spec } from '../../plugin/spec.js';
import { parseVariable, readEnvFile } from '../parse/env.js';
import { parseRestart, parseSeconds, parseSignal, parseTimeout } from '../parse/life.js';
import { digits } from '../parse/number.js';
import { sizeInBytes } from '../parse/size.js';
import { badValue, type Found } from '../place.js';
import { conflict, type Settings } from '../settings.js';

type Life = Pick<Spec, 'interactive' | 'labels' | 'stopSignal' | 'stopTimeout' | 'restart' | 'log' | 'timeout'>;

/** Docker's driver `local` has the same: logs that end, and that are still long. */
const LOG_DEFAULTS = { maxSize: 20 * 1024 ** 2, maxFiles: 5 } as const;
const MOST_LOG_FILES = 99;
const SMALLEST_LOG = 4096;

/** How long it lives, what ends it, what is kept of it. */
export function resolveLife(settings: Settings): Life {
  const restart = settings.one('restart');
  const { policy, maximum } = restart ? parseRestart(restart) : { policy: 'no' as const };
  const remove = settings.one('rm');
  if (restart && policy !== 'no' && remove && settings.on('rm'))
    throw conflict(restart, remove, 'a container that is removed cannot be started again', 'leave out one of them');
  return {
    interactive: settings.on('interactive'),
    labels: resolveLabels(settings),
    ...settings.parsed('stopSignal', 'stopSignal', parseSignal),
    ...settings.parsed('stopTimeout', 'stopTimeout', parseSeconds),
    restart: { policy, ...(maximum !== undefined && { maximum }) },
    log: resolveLog(settings),
    ...settings.parsed('timeout', 'timeout', parseTimeout),
  };
}

function resolveLabels(settings: Settings): Record<string, string> {
  const files = settings.all('labelFile').map((found) => ({ found, read: readEnvFile }));
  const named = settings.all('label').map((found) => ({ found, read: parseVariable }));
  const farthestFirst = [...files, ...named].sort((a, b) => b.found.distance - a.found.distance);
  // A label without a value is an empty one; nothing is copied from the caller.
  const pairs = farthestFirst.flatMap(({ found, read }) =>
    found.place.key === 'label' && !found.value.includes('=') ? [`${found.value}=`] : read(found, {}),
  );
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

function resolveLog(settings: Settings): LogSpec {
  const log = { driver: settings.parsed('driver', 'logDriver', parseDriver).driver ?? 'file', ...LOG_DEFAULTS };
  const given = settings.all('logOpt');
  if (log.driver !== 'file' && log.driver !== 'none') return { ...log, options: Object.fromEntries(given.map(pairOf)) };
  for (const found of given) Object.assign(log, parseOption(found));
  return log;
}

/** Whether it exists is the engine's answer: plugins bring drivers of their own. */
function parseDriver(found: Found<string>): LogSpec['driver'] {
  if (/^[a-z0-9][a-z0-9_.-]*$/i.test(found.value)) return found.value;
  throw badValue(found, 'it is not the name of a driver');
}

/** What an option means is its driver's to say. */
function pairOf(found: Found<string>): [string, string] {
  const at = found.value.indexOf('=');
  if (at < 1) throw badValue(found, 'it is not KEY=VALUE');
  return [found.value.slice(0, at), found.value.slice(at + 1)];
}

function parseOption(found: Found<string>): Partial<LogSpec> {
  const [key, value = ''] = found.value.split('=', 2);
  if (key === 'max-size') {
    const maxSize = sizeInBytes(value);
    if (maxSize === undefined) throw badValue(found, 'it is not a size: a number and b, k, m or g');
    if (maxSize < SMALLEST_LOG) throw badValue(found, `the least is ${SMALLEST_LOG} bytes`);
    return { maxSize };
  }
  if (key === 'max-file') {
    const maxFiles = digits(value);
    if (maxFiles === undefined || maxFiles < 1 || maxFiles > MOST_LOG_FILES)
      throw badValue(found, `it is not a number from 1 to ${MOST_LOG_FILES}`);
    return { maxFiles };
  }
  throw badValue(found, 'there is no such option; there are max-size, max-file');
}
