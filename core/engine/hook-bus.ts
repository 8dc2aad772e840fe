import { EventEmitter } from 'eventemitter3';
import { TsboxError } from '../plugin/error.js';
import { HOOK_NAMES, type HookContexts, type HookName, type HookRegistration } from '../plugin/plugin.js';
import { blaming } from './blame.js';
import type { LaunchObserver } from './observer.js';

interface Entry {
  readonly plugin: string;
  /** Place of the plugin in the order of registration. */
  readonly position: number;
  readonly before?: string;
  readonly after?: string;
  readonly handler: (context: never) => void | Promise<void>;
}

type Invoke = (context: (plugin: string) => unknown, observer?: LaunchObserver) => void | Promise<void>;

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
    for (const sorted of order(entries)) this.#listen(hook, sorted);
  }

  /** Whether nobody handles a hook. */
  isIdle(hook: HookName): boolean {
    return this.#emitter.listenerCount(hook) === 0;
  }

  /** Runs a hook: each handler with its own context, the next one when it has settled. */
  async run<Name extends HookName>(
    hook: Name,
    context: (plugin: string) => HookContexts[Name],
    observer?: LaunchObserver,
  ): Promise<void> {
    for (const invoke of this.#emitter.listeners(hook)) {
      const pending = invoke(context, observer);
      if (isPromise(pending)) await pending;
    }
  }

  #listen(hook: HookName, entry: Entry): void {
    this.#emitter.on(hook, (context, observer) => {
      const invoke = () => this.#invoke(hook, entry, context);
      return observer ? observer.hook(entry.plugin, hook, invoke) : invoke();
    });
  }

  #invoke(hook: HookName, { plugin, handler }: Entry, context: (plugin: string) => unknown): void | Promise<void> {
    const call = { plugin, deed: `hook ${hook}`, patienceMs: this.patienceMs };
    return blaming(call, () => handler(context(plugin) as never));
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
