import type { Engine } from '../engine/index.js';
import type { ResolvedEnvironment } from '../environments/types.js';
import type { DownOptions, StartedService, UpOptions } from '../services/index.js';
import { ContainerHandle } from './container-handle.js';

export type EnvironmentOptions = Omit<UpOptions, 'onStarted'>;

/**
 * An environment of which every service has been started. It goes on when the program ends, unless it is
 * taken down: `await using shop = await engine.up(environment)` does that.
 */
export class RunningEnvironment {
  readonly #engine: Engine;
  readonly name: string;
  /** The containers, by service. */
  readonly services: ReadonlyMap<string, ContainerHandle>;
  /**
   * Resolves when all services are ready that can say so. Rejects with a TsboxError that names the one that is
   * not; what was started has been taken down again then.
   */
  readonly ready: Promise<void>;

  constructor(engine: Engine, name: string, services: readonly StartedService[], ready: Promise<void>) {
    this.#engine = engine;
    this.name = name;
    this.services = new Map(services.map((service) => [service.name, new ContainerHandle(engine, service.id)]));
    this.ready = ready;
    // Nobody has to wait for it.
    ready.catch(() => {});
  }

  /** Stops and removes all of it; harmless when it is gone. Waits until it is ready, or has failed to be. */
  async down(options?: DownOptions): Promise<void> {
    const { downServices } = await import('../services/index.js');
    await downServices(this.#engine, this.name, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }
}

/** Resolves when every service has been started. @throws TsboxError; what was started is taken down again */
export async function upEnvironment(
  engine: Engine,
  environment: ResolvedEnvironment,
  options: EnvironmentOptions,
): Promise<RunningEnvironment> {
  const { upServices } = await import('../services/index.js');
  return new Promise((resolve, reject) => {
    const ready: Promise<void> = upServices(engine, environment, {
      ...options,
      // A moment later, when `ready` is there.
      onStarted: (services) =>
        queueMicrotask(() => resolve(new RunningEnvironment(engine, environment.name, services, ready))),
    }).then(() => {});
    ready.catch(reject);
  });
}
