import type { LogEntry } from '../core/log/index.js';
import type { ServiceEvent } from '../core/services/events.js';
import { wantsColor, writeBytes } from './output.js';

const COLORS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];
const FDS = { stdout: 1, stderr: 2 } as const;
const NEWLINE = 0x0a;

/** Lines of several services, each behind its name: aligned, and on a terminal in a colour of its own. */
export class ServicePrinter {
  readonly #names: readonly string[];
  readonly #width: number;
  readonly #rest = new Map<string, Buffer[]>();

  constructor(
    names: readonly string[],
    readonly quiet: boolean,
  ) {
    this.#names = names;
    this.#width = Math.max(0, ...names.map((name) => name.length));
  }

  /** What `up` and `down` do, on stderr. */
  event({ service, what, detail }: ServiceEvent): void {
    this.say(service, detail === undefined ? what : `${what}: ${detail}`);
  }

  say(service: string, text: string): void {
    if (!this.quiet) writeBytes(FDS.stderr, Buffer.from(`${this.#prefix(service, FDS.stderr, ' ')}${text}\n`));
  }

  /** What a service wrote, to the stream that it came from; half a line waits for its other half. */
  entry(service: string, { stream, text, partial }: LogEntry): void {
    const key = `${stream} ${service}`;
    const pieces = [...(this.#rest.get(key) ?? []), text];
    if (partial) this.#rest.set(key, pieces);
    else {
      this.#rest.delete(key);
      this.#line(service, stream, Buffer.concat(pieces));
    }
  }

  /** The last half lines of a service. */
  end(service: string): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const pieces = this.#rest.get(`${stream} ${service}`);
      this.#rest.delete(`${stream} ${service}`);
      if (pieces) this.#line(service, stream, Buffer.concat([...pieces, Buffer.from('\n')]));
    }
  }

  #line(service: string, stream: LogEntry['stream'], line: Buffer): void {
    const end = line.at(-1) === NEWLINE ? [] : [Buffer.from('\n')];
    writeBytes(FDS[stream], Buffer.concat([Buffer.from(this.#prefix(service, FDS[stream], '|')), line, ...end]));
  }

  #prefix(service: string, fd: number, border: string): string {
    const text = `${service.padEnd(this.#width)} ${border}`;
    const index = this.#names.indexOf(service);
    if (!wantsColor(fd, process.env)) return `${text} `;
    return `\u001b[${COLORS[Math.max(0, index) % COLORS.length]}m${text}\u001b[0m `;
  }
}
