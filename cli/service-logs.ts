import { logsOf } from '../core/containers/logs.js';
import type { StatePaths } from '../core/plugin/tokens.js';
import type { ServiceEvent } from '../core/services/events.js';
import { readContainer } from '../core/state/containers.js';
import type { ServicePrinter } from './service-printer.js';

/** Events with which a container begins to run, or is found running. */
const BEGINNINGS: readonly ServiceEvent['what'][] = ['created', 'started', 'recreated', 'unchanged'];

/** Follows the logs of services from the moment in which each of them is there. */
export class ServiceLogs {
  readonly #over = new AbortController();
  readonly #following: Promise<void>[] = [];

  constructor(
    readonly paths: StatePaths,
    readonly printer: ServicePrinter,
  ) {}

  event({ service, what, id }: ServiceEvent): void {
    if (id === undefined || !BEGINNINGS.includes(what)) return;
    this.#following.push(
      this.#follow(service, id, what).catch((error: Error) => this.printer.say(service, error.message)),
    );
  }

  /** Waits until all has been printed that was written. */
  async drained(): Promise<void> {
    await Promise.all(this.#following);
  }

  close(): void {
    this.#over.abort();
  }

  async #follow(service: string, id: string, what: ServiceEvent['what']): Promise<void> {
    const started = readContainer(this.paths.root, id)?.record.started;
    // What ran before has been read by somebody, or not; now it is about what comes.
    const since = what === 'unchanged' ? new Date().toISOString() : what === 'started' ? started : undefined;
    const options = { follow: true, signal: this.#over.signal, ...(since !== undefined && { since }) };
    for await (const entry of logsOf(this.paths, id, options)) this.printer.entry(service, entry);
    this.printer.end(service);
  }
}
