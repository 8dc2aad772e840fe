import type { Plan } from '../engine/index.js';
import type { ResolvedEnvironment, ResolvedService } from '../environments/types.js';
import type { Box } from './box.js';
import type { ContainerHandle } from './container-handle.js';
import type { EnvironmentBoxOptions, EnvironmentDetachedOptions } from './options.js';

/** What an environment can be asked to do: the engine's own methods, for one of its services. */
export interface ServiceRunner {
  run(options: EnvironmentBoxOptions, service: ResolvedService): Promise<Box>;
  runDetached(options: EnvironmentDetachedOptions, service: ResolvedService): Promise<ContainerHandle>;
  create(options: EnvironmentDetachedOptions, service: ResolvedService): Promise<ContainerHandle>;
  plan(options: EnvironmentBoxOptions, service: ResolvedService): Promise<Plan>;
}

/**
 * A service of an environment of the config files: `(await engine.environment('dev')).run({ … })`. What is given
 * to its methods is nearer than what the files say.
 */
export class LibraryEnvironment {
  readonly #runner: ServiceRunner;

  constructor(
    /** Where each value came from is in the `origins` of a service. */
    readonly resolved: ResolvedEnvironment,
    readonly service: ResolvedService,
    runner: ServiceRunner,
  ) {
    this.#runner = runner;
  }

  get name(): string {
    return this.resolved.name;
  }

  /** Like the engine's `run`. @throws TsboxError */
  run(options: EnvironmentBoxOptions = {}): Promise<Box> {
    return this.#runner.run(options, this.service);
  }

  runDetached(options: EnvironmentDetachedOptions = {}): Promise<ContainerHandle> {
    return this.#runner.runDetached(options, this.service);
  }

  create(options: EnvironmentDetachedOptions = {}): Promise<ContainerHandle> {
    return this.#runner.create(options, this.service);
  }

  plan(options: EnvironmentBoxOptions = {}): Promise<Plan> {
    return this.#runner.plan(options, this.service);
  }
}
