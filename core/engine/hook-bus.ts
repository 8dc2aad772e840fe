import { EventEmitter } from 'eventemitter3';
import { TsboxError } from '../plugin/error.js';
import { HOOK_NAMES, type HookContexts, type HookName, type HookRegistration } from '../plugin/plugin.js';

interface Entry {
  readonly plugin: string;
  /** Place of the plugin in the order of registration. */
  readonly position: number;
  readonly before?: string;
  readonly after?: string;
  readonly handler: (context: never) => void | Promise<void>;
}

type Invoke = (context: (plugin: string) => unknown) => void | Promise<void>;

/**
 * The hooks of the lifecycle on an event emitter: one event per hook, its listeners the handlers in
 * their order. Handlers run one after the other; an error and a handler that does not settle are
 * named by plugin and hook.
 */
export class HookBus {
  readonly #entries = new Map<HookName, Entry[]>(HOOK_NAMES.map((name) => [name, []]));
  readonly #emitter = new EventEmitter<Record<HookName, Invoke>>();

  constructor(readonly patienceMs: number) {}

  /**
   * Adds a plugin's handler.
   * @param position place of the plugin among all; plugins are loaded when they are needed, in any order
   * @throws TsboxError on a hook that does not exist
   */
  register<Name extends HookName>(
    plugin: string,
    hook: Name,
    registration: HookRegistration<Name>,
    position = Number.MAX_SAFE_INTEGER,
  ): void {
    const entries = this.#entries.get(hook);
    if (!entries) throw unknownHook(plugin, hook);
    const entry = typeof registration === 'function' ? { handler: registration } : registration;
    if (typeof entry.handler !== 'function') throw unknownHook(plugin, `${hook} (its handler is not a function)`);
    entries.push({ plugin, position, ...entry });
    entries.sort((a, b) => a.position - b.position);
    this.#emitter.removeAllListeners(hook);
    for (const sorted of order(entries)) this.#emitter.on(hook, (context) => this.#invoke(hook, sorted, context));
  }

  /** Runs a hook: each handler with its own context, the next one when it has settled. */
  async run<Name extends HookName>(hook: Name, context: (plugin: string) => HookContexts[Name]): Promise<void> {
    for (const invoke of this.#emitter.listeners(hook)) {
      const pending = invoke(context);
      if (isPromise(pending)) await pending;
    }
  }

  #invoke(hook: HookName, entry: Entry, context: (plugin: string) => unknown): void | Promise<void> {
    try {
      const pending = entry.handler(context(entry.plugin) as never);
      if (!isPromise(pending)) return undefined;
      return this.#settled(hook, entry.plugin, pending);
    } catch (error) {
      throw named(error, entry.plugin, hook);
    }
  }

  async #settled(hook: HookName, plugin: string, pending: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const overdue = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(neverSettled(plugin, hook, this.patienceMs)), this.patienceMs);
    });
    try {
      await Promise.race([pending, overdue]);
    } catch (error) {
      throw named(error, plugin, hook);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Registration order, then every `before` and `after` that names a plugin which is there. */
function order(entries: readonly Entry[]): Entry[] {
  const sorted: Entry[] = [];
  const visiting = new Set<Entry>();
  const visit = (entry: Entry) => {
    if (sorted.includes(entry)) return;
    if (visiting.has(entry)) throw circular(entry.plugin);
    visiting.add(entry);
    for (const other of entries) {
      if (other !== entry && (other.plugin === entry.after || other.before === entry.plugin)) visit(other);
    }
    sorted.push(entry);
  };
  for (const entry of entries) visit(entry);
  return sorted;
}

function isPromise(value: void | Promise<void>): value is Promise<void> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

/** An error of a plugin keeps its own code and words when it is one of ours. */
function named(error: unknown, plugin: string, hook: HookName): unknown {
  if (error instanceof TsboxError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new TsboxError('ERR_TSBOX_PLUGIN', { what: `plugin "${plugin}" failed in hook ${hook}`, why, cause: error });
}

function neverSettled(plugin: string, hook: HookName, patienceMs: number): TsboxError {
  return new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `plugin "${plugin}" did not finish hook ${hook}`,
    why: `its promise had not settled after ${patienceMs / 1000} seconds`,
    fix: 'look for a promise that is never resolved in that handler, or raise hookTimeout',
  });
}

function unknownHook(plugin: string, hook: string): TsboxError {
  return new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `plugin "${plugin}" cannot be registered`,
    why: `there is no hook ${hook}`,
    fix: `hooks are ${HOOK_NAMES.join(', ')}`,
  });
}

function circular(plugin: string): TsboxError {
  return new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `plugin "${plugin}" cannot be ordered`,
    why: 'its "before" and "after" lead in a circle',
  });
}
