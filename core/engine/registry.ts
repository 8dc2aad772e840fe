import 'reflect-metadata';
import { type DependencyContainer, instanceCachingFactory } from 'tsyringe';
import type { Driver, DriverTypes } from '../plugin/drivers.js';
import { TsboxError } from '../plugin/error.js';
import type { JsonObject } from '../plugin/launch.js';
import type {
  DriverFactory,
  HookHandler,
  HookName,
  HookRegistration,
  PluginDefinition,
  Undo,
  UndoContext,
} from '../plugin/plugin.js';
import type { PluginSource } from '../plugin/source.js';
import type { DriverKind } from '../plugin/spec.js';
import type { Removal } from '../program/removal.js';
import type { JournalEntry } from '../state/journal.js';
import { blaming } from './blame.js';
import { checkDefinition } from './check-definition.js';
import { driverHooks } from './driver-hooks.js';
import type { GivenOptions } from './given-options.js';
import type { HookBus } from './hook-bus.js';
import { isInvolved } from './involved.js';
import type { ChosenDriver, LaunchView } from './launch-state.js';
import { noSuchDriver } from './no-such-driver.js';
import { refuseTwice } from './refuse-twice.js';
import { watchDriver } from './watch-driver.js';

/** Knows all plugins, loads those that are needed, and resolves drivers out of the DI container. */
export class PluginRegistry {
  readonly #loaded = new Map<string, Promise<PluginDefinition>>();
  readonly #registered = new Map<string, PluginDefinition>();
  readonly #made: Driver[] = [];

  constructor(
    readonly sources: readonly PluginSource[],
    readonly container: DependencyContainer,
    readonly bus: HookBus,
    readonly given: GivenOptions,
  ) {}

  /** Names of all drivers of a kind, in the order in which `auto` tries them. */
  names(kind: DriverKind): string[] {
    return this.sources.flatMap((source) => source.drivers?.[kind] ?? []);
  }

  /** The driver of that name. @throws TsboxError naming the ones that exist */
  async driver<Kind extends DriverKind>(kind: Kind, name: string): Promise<ChosenDriver<Kind>> {
    const source = this.sources.find((candidate) => candidate.drivers?.[kind]?.includes(name));
    if (!source) throw noSuchDriver(kind, name, [...(kind === 'log' ? ['file', 'none'] : []), ...this.names(kind)]);
    await this.#load(source);
    const driver = this.container.resolve<DriverTypes[Kind]>(token(kind, name));
    return { name, plugin: source.name, driver };
  }

  /**
   * Loads what is from outside, and what is told something: who misspells a name or a value is told at once,
   * whatever is asked of the engine. @throws TsboxError
   */
  async check(): Promise<void> {
    refuseTwice(this.sources);
    this.given.checkNames(this.sources);
    for (const source of this.sources) if (source.definition || this.given.concerns(source)) await this.#load(source);
  }

  /** Every plugin from outside, with what it is told. */
  outside(): { readonly definition: PluginDefinition; readonly options: JsonObject }[] {
    const definitions = this.sources.flatMap(({ definition }) => definition ?? []);
    return definitions.map((definition) => ({ definition, options: this.given.ofPlugin(definition) }));
  }

  /** Loads every plugin that has hooks of its own, in order. */
  async loadHooks(): Promise<void> {
    for (const source of this.sources) if (!source.drivers) await this.#load(source);
  }

  /** One that is loaded. */
  definition(plugin: string): PluginDefinition | undefined {
    return this.#registered.get(plugin);
  }

  /** Whether a plugin that is loaded has an undo function. */
  canUndo(plugin: string, kind: string): boolean {
    const definition = this.#registered.get(plugin);
    return !definition || typeof definition.undo?.[kind] === 'function';
  }

  /** What the undo of a step removes, where it does only that and its plugin is at hand and says so. */
  removals({ plugin, kind, args }: JournalEntry, context: UndoContext): readonly Removal[] | undefined {
    try {
      const removals = this.#registered.get(plugin)?.removals?.[kind]?.(args, context);
      return Array.isArray(removals) ? removals : undefined;
    } catch {
      // The undo function says what is wrong.
      return undefined;
    }
  }

  /** How a plugin takes a step back; one that never settles is given up on. */
  async undo(plugin: string, kind: string): Promise<Undo> {
    const source = this.sources.find((candidate) => candidate.name === plugin);
    const undo = source && (await this.#load(source)).undo?.[kind];
    if (undo && !source.definition) return undo;
    const { patienceMs } = this.bus;
    const deed = `undo of "${kind}"`;
    if (undo) return (args, context) => blaming({ plugin, deed, patienceMs }, () => undo(args, context));
    throw new TsboxError('ERR_TSBOX_PLUGIN', {
      what: `cannot undo "${kind}" of plugin "${plugin}"`,
      why: source ? 'the plugin has no undo function of that name' : 'the plugin is not known here',
      fix: 'run tsbox gc where the plugin is configured',
    });
  }

  /** Closes what drivers kept open between launches. */
  async dispose(): Promise<void> {
    const failures: unknown[] = [];
    for (const driver of this.#made.splice(0)) {
      try {
        await driver.dispose?.();
      } catch (error) {
        failures.push(error);
      }
    }
    await this.container.dispose();
    if (failures.length > 0) throw failures[0];
  }

  #load(source: PluginSource): Promise<PluginDefinition> {
    let loading = this.#loaded.get(source.name);
    if (!loading) {
      loading = this.#loadOnce(source);
      this.#loaded.set(source.name, loading);
    }
    return loading;
  }

  async #loadOnce(source: PluginSource): Promise<PluginDefinition> {
    const definition = await source.load();
    await checkDefinition(source.name, definition);
    await this.given.check(source, definition);
    return this.#register(source, definition);
  }

  #register(source: PluginSource, definition: PluginDefinition): PluginDefinition {
    const { name } = source;
    for (const [kind, drivers] of Object.entries(definition.drivers ?? {})) {
      for (const [driver, factory] of Object.entries(drivers) as [string, DriverFactory<unknown>][]) {
        const useFactory = instanceCachingFactory((container) => {
          const options = this.given.ofDriver(definition, driver);
          const made = this.#make(source, kind as DriverKind, driver, () => factory(container, options) as Driver);
          this.#made.push(made);
          return made;
        });
        this.container.register(token(kind, driver), { useFactory });
      }
    }
    this.#registered.set(name, definition);
    const position = this.sources.indexOf(source);
    for (const kind of Object.keys(definition.drivers ?? {}) as DriverKind[]) {
      this.#registerHooks(source, this.#positionOf(kind), driverHooks(name, kind));
    }
    this.#registerHooks(source, position, definition.hooks ?? {}, this.given.ofPlugin(definition));
    return definition;
  }

  /** What is built in has no need to be watched. */
  #make(source: PluginSource, kind: DriverKind, name: string, make: () => Driver): Driver {
    if (!source.definition) return make();
    return watchDriver({ plugin: source.name, kind, name, patienceMs: this.bus.patienceMs }, make);
  }

  /** Drivers of one kind run where the first plugin with such drivers stands, wherever theirs does. */
  #positionOf(kind: DriverKind): number {
    return this.sources.findIndex((source) => source.drivers?.[kind]);
  }

  #registerHooks(
    source: PluginSource,
    position: number,
    hooks: NonNullable<PluginDefinition['hooks']>,
    options: JsonObject = {},
  ): void {
    for (const [hook, registration] of Object.entries(hooks))
      this.bus.register(source.name, hook as HookName, withOptions(source, registration, options), position);
  }
}

/** The handlers of a plugin with drivers run for launches that chose one of them. */
function withOptions(source: PluginSource, registration: object, options: JsonObject): HookRegistration<HookName> {
  const entry = (typeof registration === 'function' ? { handler: registration } : registration) as {
    readonly handler: HookHandler<HookName>;
  };
  // Left to the bus, which says whose it is.
  if (typeof entry.handler !== 'function') return entry;
  const handler: HookHandler<HookName> = (context) => {
    const { state } = context.launch as LaunchView;
    // The context was made for this handler alone.
    return isInvolved(source, state) ? entry.handler(Object.assign(context, { options })) : undefined;
  };
  return { ...entry, handler };
}

function token(kind: string, name: string): string {
  return `tsbox.driver.${kind}.${name}`;
}
