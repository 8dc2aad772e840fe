import { join } from 'node:path';
import type { LogEntry, ReadLogOptions } from '../log/index.js';
import { readLog } from '../log/read.js';
import { TsboxError } from '../plugin/error.js';
import type { LogDriver } from '../plugin/log-driver.js';
import type { StatePaths } from '../plugin/tokens.js';
import { type ContainerState, requireContainer } from '../state/containers.js';
import { readDetails } from '../state/record.js';
import { driverLog } from './driver-logs.js';

export interface LogsOptions extends ReadLogOptions {
  /** Go on until the container has ended for good. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** What a detached container wrote. @throws TsboxError when there is no such container, or it has no log */
export async function* logsOf(
  paths: StatePaths,
  reference: string,
  { follow = false, signal, ...options }: LogsOptions = {},
  driverOf?: (name: string) => Promise<LogDriver>,
): AsyncGenerator<LogEntry> {
  const container = requireContainer(paths.root, reference);
  // It was never started: it wrote nothing yet.
  if (container.record.started === undefined && !follow) return;
  refuseForeground(container);
  const { driver } = readDetails(container.directory).spec.log;
  if (driver === 'none' || (driver !== 'file' && !driverOf)) throw withoutLog(container, driver);
  if (driver !== 'file' && driverOf)
    return yield* driverLog(await driverOf(driver), driver, container, { follow, ...options });
  const directory = join(container.directory, 'log');
  if (!follow) return yield* readLog(directory, options);
  const { followedLog } = await import('./followed-log.js');
  yield* followedLog(directory, paths, container, { ...options, signal });
}

function refuseForeground(container: ContainerState): void {
  const { started, monitored } = container.record;
  if (started === undefined || monitored) return;
  throw new TsboxError('ERR_TSBOX_CONTAINER_STATE', {
    what: cannotRead(container),
    why: 'it ran in the foreground: what it wrote went to whoever started it, and was not kept',
    fix: 'tsbox run -d keeps a log',
  });
}

function withoutLog(container: ContainerState, driver: string): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_STATE', {
    what: cannotRead(container),
    why: `it was made with --log-driver ${driver}`,
    fix: 'leave out --log-driver',
  });
}

function cannotRead({ record }: ContainerState): string {
  return `cannot read the log of container ${record.name || record.id.slice(0, 12)}`;
}
