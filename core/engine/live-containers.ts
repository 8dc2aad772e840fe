import type { Container } from './container.js';
import type { RunOptions } from './engine-options.js';

/** The containers, and the commands in containers, that end with the engine. */
export class LiveContainers {
  readonly #live = new Set<Container>();

  /** Kills it when it is aborted, or its time is over. */
  watch(container: Container, options: Pick<RunOptions, 'signal' | 'timeout'>): void {
    this.#live.add(container);
    const abort = () => container.kill();
    options.signal?.addEventListener('abort', abort, { once: true });
    if (options.signal?.aborted) abort();
    const timer = options.timeout === undefined ? undefined : setTimeout(() => container.expire(), options.timeout);
    void container.wait().then(() => {
      this.#live.delete(container);
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
    });
  }

  /** Kills what still runs, and waits for it. */
  async end(): Promise<void> {
    await Promise.all([...this.#live].map((container) => container[Symbol.asyncDispose]()));
  }
}
