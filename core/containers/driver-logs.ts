import { logTime, type Moment } from '../log/entry.js';
import type { LogEntry, ReadLogOptions } from '../log/index.js';
import { TsboxError } from '../plugin/error.js';
import type { LogDriver, LoggedText } from '../plugin/log-driver.js';
import type { ContainerState } from '../state/containers.js';

/** What a plugin's log driver has of a container, as the built-in log is read. @throws TsboxError where it keeps none */
export async function* driverLog(
  driver: LogDriver,
  name: string,
  { record, directory }: ContainerState,
  { follow, tail = Number.POSITIVE_INFINITY, since, until }: ReadLogOptions & { readonly follow: boolean },
): AsyncGenerator<LogEntry> {
  if (!driver.read)
    throw cannotRead(record.name, `its output goes to the log driver "${name}", which keeps no log here`);
  if (follow) throw cannotRead(record.name, `the log driver "${name}" cannot be followed`);
  const kept: LogEntry[] = [];
  for await (const logged of driver.read({ id: record.id, name: record.name, directory })) {
    const entry = entryOf(logged);
    if (logged.time !== undefined && !isBetween(entry.time, since, until)) continue;
    kept.push(entry);
    if (kept.length > tail) kept.shift();
  }
  yield* kept;
}

/** RFC 3339 in one length: texts compare as times do. */
function isBetween(time: string, since: Moment | undefined, until: Moment | undefined): boolean {
  return (since === undefined || time >= logTime(since)) && (until === undefined || time <= logTime(until));
}

function entryOf({ stream, text, time = 0n }: LoggedText): LogEntry {
  const seconds = new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19);
  const nanoseconds = String(time % 1_000_000_000n).padStart(9, '0');
  const bytes = Buffer.from(text);
  return { time: `${seconds}.${nanoseconds}Z`, stream, text: bytes, partial: bytes.at(-1) !== 0x0a };
}

function cannotRead(name: string, why: string): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_STATE', {
    what: `cannot read the log of container ${name}`,
    why,
    fix: 'read it where the driver puts it, or start containers with --log-driver file',
  });
}
