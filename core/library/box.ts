import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { EventEmitter } from 'eventemitter3';
import type { Container, ContainerResult } from '../engine/index.js';

/** How a box ended, with all it wrote, as UTF-8. */
export interface BoxResult extends ContainerResult {
  /** Empty when stdout was not a pipe. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface BoxEvents {
  /** What {@link Box.wait} resolves to. */
  exit: (result: ContainerResult) => void;
}

/** A running container of the library. `await using` kills it and waits until nothing of it is left. */
export class Box {
  readonly #container: Container;

  readonly #events = new EventEmitter<BoxEvents>();

  constructor(container: Container) {
    this.#container = container;
    void container.wait().then((result) => this.#events.emit('exit', result));
  }

  get id() {
    return this.#container.id;
  }
  get name() {
    return this.#container.name;
  }
  get pid() {
    return this.#container.pid;
  }
  get trace() {
    return this.#container.trace;
  }
  /** With `trace`: the whole launch with its times, as `--trace-format json` has it. */
  get timeline() {
    return this.#container.timeline;
  }
  get stdin() {
    return this.#container.stdin;
  }
  get stdout() {
    return this.#container.stdout;
  }
  get stderr() {
    return this.#container.stderr;
  }

  /** Waits for the end. Output that nobody reads fills its pipe: use {@link result} or read the streams. */
  wait(): Promise<ContainerResult> {
    return this.#container.wait();
  }

  /** Collects the output and waits for the end. */
  async result(): Promise<BoxResult> {
    const [stdout, stderr, end] = await Promise.all([collect(this.stdout), collect(this.stderr), this.wait()]);
    return { ...end, stdout, stderr };
  }

  /** Calls a function when the command has ended and what was to go is gone; not when that was before. */
  on<Name extends keyof BoxEvents>(name: Name, listener: BoxEvents[Name]): this {
    this.#events.on(name, listener);
    return this;
  }

  once<Name extends keyof BoxEvents>(name: Name, listener: BoxEvents[Name]): this {
    this.#events.once(name, listener);
    return this;
  }

  off<Name extends keyof BoxEvents>(name: Name, listener: BoxEvents[Name]): this {
    this.#events.off(name, listener);
    return this;
  }

  /** Sends a signal, by default SIGKILL. @returns false when the command has ended */
  kill(signal?: number): boolean {
    return this.#container.kill(signal);
  }

  /** Size of the terminal, in characters. */
  resize(columns: number, rows: number): void {
    this.#container.resize(columns, rows);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container[Symbol.asyncDispose]();
  }
}

async function collect(stream: NodeJS.ReadableStream | undefined): Promise<string> {
  return stream ? text(stream as Readable) : '';
}
