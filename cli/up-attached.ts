import { constants } from 'node:os';
import { killContainer } from '../core/containers/signal.js';
import { type StartedService, stopServices, type UpOptions, untilOver, upServices } from '../core/services/index.js';
import type { Session } from './engine.js';
import type { Target } from './environment-target.js';
import { ServiceLogs } from './service-logs.js';
import type { ServicePrinter } from './service-printer.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts an environment and prints what its services write, until all have ended or a signal comes. */
export async function upAttached(
  { engine }: Session,
  { environment }: Target,
  options: UpOptions,
  printer: ServicePrinter,
): Promise<number> {
  const logs = new ServiceLogs(engine.paths, printer);
  const ending = new Ending();
  try {
    const onEvent: UpOptions['onEvent'] = (event) => {
      printer.event(event);
      logs.event(event);
    };
    const services = await upServices(engine, environment, { ...options, onEvent, signal: ending.signal });
    ending.onSecond = () => Promise.all(services.map(({ id }) => killContainer(engine, id).catch(() => {})));
    const statuses = services.map((service) => announceEnd(engine, service, printer, ending.signal));
    const status = await Promise.race([ending.came, firstFailure(statuses)]);
    if (ending.signal.aborted) {
      printer.say('', 'stopping; once more kills');
      const names = services.map(({ name }) => name);
      await stopServices(engine, environment.name, names, { ...options, onEvent: (event) => printer.event(event) });
    }
    await logs.drained();
    return status;
  } catch (error) {
    if (ending.status === undefined) throw error;
    return ending.status;
  } finally {
    logs.close();
    ending.close();
  }
}

async function announceEnd(
  engine: Session['engine'],
  { name, id }: StartedService,
  printer: ServicePrinter,
  signal: AbortSignal,
): Promise<number> {
  const status = await untilOver(engine, id, signal);
  printer.say(name, `ended with status ${status}`);
  return status;
}

/** When all have ended: the status of the first that failed, else 0. */
async function firstFailure(statuses: readonly Promise<number>[]): Promise<number> {
  let failed = 0;
  const noted = statuses.map(async (status) => {
    const ended = await status;
    if (failed === 0) failed = ended;
  });
  try {
    await Promise.all(noted);
  } catch (error) {
    // A signal ends the waiting, and says so itself.
    if ((error as Error).name !== 'AbortError') throw error;
    return new Promise(() => {});
  }
  return failed;
}

/** The first signal asks for an end, the second for a quick one. */
class Ending {
  readonly #abort = new AbortController();
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  #resolve: (status: number) => void = () => {};
  /** Resolves to the exit status of a command that was ended so. */
  readonly came = new Promise<number>((resolve) => {
    this.#resolve = resolve;
  });
  status: number | undefined;
  onSecond: () => unknown = () => {};

  constructor() {
    for (const signal of SIGNALS) {
      const listener = () => this.#receive(signal);
      this.#listeners.set(signal, listener);
      process.on(signal, listener);
    }
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  close(): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
  }

  #receive(signal: (typeof SIGNALS)[number]): void {
    if (this.status !== undefined) return void this.onSecond();
    this.status = 128 + constants.signals[signal];
    this.#abort.abort();
    this.#resolve(this.status);
  }
}
