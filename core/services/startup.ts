import { removeContainer } from '../containers/remove.js';
import { startContainer } from '../containers/start.js';
import { stopContainer } from '../containers/stop.js';
import type { Engine } from '../engine/index.js';
import type { Condition, ResolvedEnvironment } from '../environments/types.js';
import { anonymousVolumes, dropVolumes, withVolumesOf } from './carried-volumes.js';
import { changedParts, type Decision } from './decide.js';
import type { OnEvent } from './events.js';
import { inService, serviceFailed } from './failure.js';
import { endOfService, untilOver } from './over.js';
import { untilReady } from './readiness.js';
import { inReverseOrder } from './reverse.js';
import { ensureVolumes } from './volumes.js';

export interface StartupContext {
  readonly engine: Engine;
  readonly environment: ResolvedEnvironment;
  readonly decisions: readonly Decision[];
  /** Milliseconds that a container gets that is replaced. */
  readonly stopTimeout?: number;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
}

/** A service whose container is there. */
export interface StartedService {
  readonly name: string;
  /** Of the container. */
  readonly id: string;
  readonly containerName: string;
  /** It ran before, unchanged. */
  readonly kept: boolean;
}

/** What is taken down again when something fails later. */
interface Made {
  readonly name: string;
  readonly id: string;
  readonly dependsOn: readonly string[];
  readonly was: 'absent' | 'ended';
}

/**
 * Starts services side by side, each when what it waits for is there. Every promise is made once, so that
 * many may wait for one service.
 */
export class Startup {
  readonly #context: StartupContext;
  readonly #byName: ReadonlyMap<string, Decision>;
  readonly #started = new Map<string, Promise<StartedService>>();
  readonly #met = new Map<string, Promise<void>>();
  readonly #made: Made[] = [];

  constructor(context: StartupContext) {
    this.#context = context;
    this.#byName = new Map(context.decisions.map((decision) => [decision.service.name, decision]));
  }

  /** Resolves when every service has been started. */
  started(): Promise<StartedService[]> {
    return Promise.all(this.#context.decisions.map(({ service }) => this.#start(service.name)));
  }

  /** Resolves when those that can say so are ready, and none has failed. */
  async ready(): Promise<void> {
    await Promise.all(this.#context.decisions.map(({ service }) => this.#meet(service.name, 'ready')));
    for (const decision of this.#context.decisions) await this.#refuseFailed(decision);
  }

  /** Takes down what was started, once everything that is under way has come to its end. @returns the failures */
  async takeDown(): Promise<Error[]> {
    await Promise.allSettled([...this.#started.values(), ...this.#met.values()]);
    const { engine, onEvent } = this.#context;
    return inReverseOrder(this.#made, async ({ name, id, was }) => {
      await stopContainer(engine, id, this.#stopOptions);
      if (was === 'absent') await removeContainer(engine, id, { force: true, volumes: true });
      onEvent({ service: name, what: was === 'ended' ? 'stopped' : 'removed' });
    });
  }

  #start(name: string): Promise<StartedService> {
    const known = this.#started.get(name);
    if (known) return known;
    const starting = this.#startOnce(this.#decision(name));
    starting.catch(() => {});
    this.#started.set(name, starting);
    return starting;
  }

  async #startOnce(decision: Decision): Promise<StartedService> {
    const { service, deed, found } = decision;
    const { signal, onEvent } = this.#context;
    if (deed === 'keep' && found) {
      const what = endOfService(this.#context.engine, found.id) ? 'done before' : 'unchanged';
      onEvent({ service: service.name, what, id: found.id });
      return { name: service.name, id: found.id, containerName: service.containerName, kept: true };
    }
    await Promise.all([...service.waitsFor].map(([name, condition]) => this.#waitFor(name, condition)));
    signal.throwIfAborted();
    const id = await this.#bring(decision).catch((error: unknown) => {
      throw inService(service.name, error);
    });
    return { name: service.name, id, containerName: service.containerName, kept: false };
  }

  async #waitFor(name: string, condition: Condition): Promise<void> {
    if (condition === 'started') await this.#start(name);
    else await this.#meet(name, condition);
  }

  async #bring({ service, deed, found }: Decision): Promise<string> {
    const { engine, environment, onEvent } = this.#context;
    const { name, spec } = service;
    const dependsOn = [...service.waitsFor.keys()];
    ensureVolumes(engine, environment, spec);
    if (deed === 'start' && found) {
      this.#made.push({ name, id: found.id, dependsOn, was: 'ended' });
      await startContainer(engine, found.id);
      onEvent({ service: name, what: 'started', id: found.id });
      return found.id;
    }
    const changed = found ? changedParts(service, found) : [];
    const volumes = found ? anonymousVolumes(found) : new Map<string, string>();
    if (found) {
      await stopContainer(engine, found.id, this.#stopOptions);
      await removeContainer(engine, found.id, { force: true });
    }
    const { id } = await engine.runWatched(withVolumesOf(spec, volumes));
    this.#made.push({ name, id, dependsOn, was: 'absent' });
    await dropVolumes(engine, volumes);
    const detail = changed.length > 0 ? { detail: `changed: ${changed.join(', ')}` } : {};
    onEvent({ service: name, what: found ? 'recreated' : 'created', id, ...detail });
    return id;
  }

  #meet(name: string, condition: 'ready' | 'completed'): Promise<void> {
    const key = `${condition} ${name}`;
    const known = this.#met.get(key);
    if (known) return known;
    const meeting = condition === 'ready' ? this.#untilReady(name) : this.#untilCompleted(name);
    meeting.catch(() => {});
    this.#met.set(key, meeting);
    return meeting;
  }

  async #untilReady(name: string): Promise<void> {
    const { engine, signal, onEvent } = this.#context;
    const { id, kept } = await this.#start(name);
    const { ready } = this.#decision(name).service.service;
    // A job that was done before.
    if (!ready || (kept && endOfService(engine, id))) return;
    if (!kept) onEvent({ service: name, what: 'waiting', detail: 'until it is ready', id });
    const { outcome, reason } = await untilReady(engine, id, ready, signal);
    if (outcome === 'ready') {
      if (!kept) onEvent({ service: name, what: 'ready', id });
      return;
    }
    if (outcome === 'never')
      throw await serviceFailed(engine, name, id, `it runs and does not get ready: ${reason}`, READY_FIX);
    const status = endOfService(engine, id)?.exitCode ?? 0;
    throw await serviceFailed(engine, name, id, `it ended with status ${status} before it was ready`);
  }

  async #untilCompleted(name: string): Promise<void> {
    const { engine, signal, onEvent } = this.#context;
    const { id, kept } = await this.#start(name);
    if (kept && endOfService(engine, id)?.exitCode === 0) return;
    onEvent({ service: name, what: 'waiting', detail: 'until it has completed', id });
    const status = await untilOver(engine, id, signal);
    if (status !== 0)
      throw await serviceFailed(engine, name, id, `it ended with status ${status}, and others wait for its success`);
    onEvent({ service: name, what: 'completed', id });
  }

  /** One that crashed at once, of which nobody waited for anything. */
  async #refuseFailed({ service }: Decision): Promise<void> {
    const { engine } = this.#context;
    const { id, kept } = await this.#start(service.name);
    const end = endOfService(engine, id);
    if (!kept && end && end.exitCode !== 0)
      throw await serviceFailed(engine, service.name, id, `it ended with status ${end.exitCode}`);
  }

  #decision(name: string): Decision {
    return this.#byName.get(name) as Decision;
  }

  get #stopOptions(): { timeout?: number } {
    const { stopTimeout } = this.#context;
    return stopTimeout === undefined ? {} : { timeout: stopTimeout };
  }
}

const READY_FIX = 'give it more time with ready.retries or ready.interval, or correct the check';
