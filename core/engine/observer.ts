import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import type { HookName } from '../plugin/plugin.js';
import type { Spec } from '../plugin/spec.js';
import { type ChannelName, isSubscribed } from './diagnostics.js';
import type { HookSpan, LaunchTrace, PhaseName, PhaseSpan } from './launch-trace.js';
import type { PlanEntry } from './plan.js';

/** `start`: a container that was made before, or has ended. */
export type LaunchKind = 'run' | 'create' | 'start';

/** A moment and, when it is over, how long it took. */
export interface Timed {
  /** Milliseconds since 1970, with fractions, as `performance.timeOrigin + performance.now()` has them. */
  startTime: number;
  /** Set when it is over. */
  durationNs?: number;
}

/** On `tsbox:launch`: one object for all events of a launch. */
export interface LaunchMessage extends Timed {
  readonly kind: LaunchKind;
  readonly image: string;
  readonly command: readonly string[];
  /** 64 hex digits, and the name, once they are known: not at `start`. */
  id?: string;
  name?: string;
  pid?: number;
}

/** On `tsbox:hook`: a plugin's handler. */
export interface HookMessage extends Timed {
  readonly launch: LaunchMessage;
  readonly plugin: string;
  readonly hook: HookName;
}

/** On `tsbox:step` what the engine's process does, on `tsbox:op` what the launcher and the child did. */
export interface EntryMessage extends Timed, Omit<PlanEntry, 'startNs' | 'durationNs' | 'error'> {
  readonly launch: LaunchMessage;
  /** Name of the errno that an op ended with; `error` where the launch failed for it. */
  readonly errno?: string;
}

/** Sees a launch: publishes it, and keeps what a trace is made of. */
export class LaunchObserver {
  /** process.hrtime of its beginning. */
  readonly began = process.hrtime.bigint();
  readonly #startTime: number;
  readonly message: LaunchMessage;
  /** Once it is over. */
  timeline: LaunchTrace | undefined;
  readonly #hooks: HookSpan[] = [];
  readonly #phases: PhaseSpan[] = [];
  readonly #launches = channel<LaunchMessage>('tsbox:launch');
  readonly #handlers = channel<HookMessage>('tsbox:hook');
  readonly #steps = channel<EntryMessage>('tsbox:step');
  readonly #ops = channel<EntryMessage>('tsbox:op');

  constructor(
    kind: LaunchKind,
    { image, command }: Spec,
    /** Gets the trace; undefined where none was asked for. */
    readonly onTrace: ((trace: LaunchTrace) => void) | undefined,
  ) {
    const isSeen = onTrace || this.#launches || this.#handlers || this.#steps || this.#ops;
    // Finer, and some of the slowest modules of Node's to load.
    this.#startTime = isSeen ? performance.timeOrigin + performance.now() : Date.now();
    this.message = { kind, image, command, startTime: this.#epoch(0) };
  }

  /** Whether the times of ops are wanted. */
  get wantsOps(): boolean {
    return this.onTrace !== undefined || this.#ops !== undefined;
  }

  /** From its resolution until the command runs, or until all is undone. */
  async launch<Result>(act: () => Promise<Result>): Promise<Result> {
    this.phase('resolve');
    return publish(this.#launches, this.message, async () => {
      try {
        return await act();
      } finally {
        this.phase(undefined);
        this.message.durationNs = this.#elapsed();
      }
    });
  }

  /** Now that it has an id. */
  resolved({ id, name }: { readonly id: string; readonly name: string }): void {
    this.message.id = id;
    this.message.name = name;
  }

  /** Ends the phase before it. */
  phase(name: PhaseName | undefined): void {
    const now = this.#elapsed();
    const last = this.#phases.at(-1);
    if (last && last.durationNs === undefined) last.durationNs = now - last.startNs;
    if (name) this.#phases.push({ name, startNs: now });
  }

  /** A handler of a plugin. */
  async hook(plugin: string, hook: HookName, act: () => void | Promise<void>): Promise<void> {
    const startNs = this.#elapsed();
    const message: HookMessage = { launch: this.message, plugin, hook, startTime: this.#epoch(startNs) };
    await publish(this.#handlers, message, async () => {
      try {
        await act();
      } finally {
        message.durationNs = this.#elapsed() - startNs;
        this.#hooks.push({ plugin, hook, startNs, durationNs: message.durationNs });
      }
    });
  }

  /** A step of the engine's process. */
  step<Result>(entry: PlanEntry, act: () => Result | Promise<Result>): Promise<Result> {
    const startNs = this.#elapsed();
    entry.startNs = startNs;
    const message = this.#entry(entry, startNs);
    return publish(this.#steps, message, async () => {
      try {
        return await act();
      } finally {
        message.durationNs = this.#elapsed() - startNs;
      }
    });
  }

  /** The command runs, or the launch has failed: nothing comes after this that a trace would show. */
  finish(container: LaunchTrace['container'], entries: readonly PlanEntry[], clockErrorNs: number): LaunchTrace {
    this.phase(undefined);
    this.timeline = {
      format: 'tsbox-trace',
      version: 1,
      container,
      startedAt: new Date(this.#epoch(0)).toISOString(),
      durationNs: this.#elapsed(),
      clockErrorNs,
      phases: this.#phases,
      hooks: [...this.#hooks],
      entries,
    };
    this.#publishOps(entries);
    this.onTrace?.(this.timeline);
    return this.timeline;
  }

  #entry({ startNs: _, durationNs: __, error, ...entry }: PlanEntry, startNs: number): EntryMessage {
    return { launch: this.message, ...entry, ...(error && { errno: error }), startTime: this.#epoch(startNs) };
  }

  /** They have been executed already: published now, with the times that they had. */
  #publishOps(entries: readonly PlanEntry[]): void {
    if (!this.#ops) return;
    for (const entry of entries) {
      if (entry.where === 'engine' || entry.startNs === undefined) continue;
      const message = { ...this.#entry(entry, entry.startNs), durationNs: entry.durationNs ?? 0 };
      this.#ops.start.publish(message);
      this.#ops.end.publish(message);
    }
  }

  #elapsed(): number {
    return Number(process.hrtime.bigint() - this.began);
  }

  #epoch(startNs: number): number {
    return this.#startTime + startNs / 1e6;
  }
}

type Channel<Message extends object> = TracingChannel<Message, Message>;

/** Undefined where nobody listens when the launch begins. */
function channel<Message extends object>(name: ChannelName): Channel<Message> | undefined {
  return isSubscribed([name]) ? (tracingChannel(name) as unknown as Channel<Message>) : undefined;
}

function publish<Message extends object, Result>(
  to: Channel<Message> | undefined,
  message: Message,
  act: () => Promise<Result>,
): Promise<Result> {
  return to ? (to.tracePromise(act, message) as Promise<Result>) : act();
}
