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
} from '../plugin/plugin.js';
import type { PluginSource } from '../plugin/source.js';
import type { DriverKind } from '../plugin/spec.js';
import { blaming } from './blame.js';
import { checkDefinition } from './check-definition.js';
import { driverHooks } from './driver-hooks.js';
import type { GivenOptions } from './given-options.js';
import type { HookBus } from './hook-bus.js';
import { type ChosenDriver, type LaunchState, LaunchView } from './launch-state.js';
import { noSuchDriver } from './no-such-driver.js';
import { refuseTwice } from './refuse-twice.js';
import { watchDriver } from './watch-driver.js';

/** Knows all plugins, loads those that are needed, and resolves drivers out of the DI container. */
export class PluginRegistry {
  readonly #loaded = new Map<string, Promise<PluginDefinition>>();
  readonly #registered = new Map<string, PluginDefinition>();
  readonly #made: Driver[] = [];
  /** Plugins with a postClone handler of their own. */
  readonly #withPostClone: PluginSource[] = [];

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

  /** Asks every loaded plugin whether the launch can be done as asked. */
  async validate(state: LaunchState): Promise<void> {
    for (const source of this.sources) {
      const loaded = await this.#loaded.get(source.name);
      if (loaded?.validate && isInvolved(source, state))
        this.#blaming(source, 'validate', () =>
          loaded.validate?.(new LaunchView(state, source.name, 'resolve'), this.given.ofPlugin(loaded)),
        );
    }
  }

  /** Whether anything is done to the child between its clone and its own first op. */
  hasPostClone(state: LaunchState): boolean {
    const { userns, network } = state.drivers;
    return Boolean(
      userns.driver.attach || network.driver.attach || this.#withPostClone.some((source) => isInvolved(source, state)),
    );
  }

  /** What the ops of a launch depend on, as all who record say; undefined where one of them does not. */
  recordKey(state: LaunchState): string | undefined {
    const keys: string[] = [];
    for (const { plugin, driver } of Object.values(state.drivers)) {
      if (!('record' in driver)) continue;
      const key = driver.recordKey?.(new LaunchView(state, plugin, 'resolve'));
      if (key === undefined) return undefined;
      keys.push(key);
    }
    for (const source of this.sources) {
      const definition = this.#registered.get(source.name);
      if (!definition?.hooks?.childSetup && !definition?.hooks?.preExec) continue;
      if (!isInvolved(source, state)) continue;
      const ask = () => definition.recordKey?.(new LaunchView(state, source.name, 'resolve'));
      const key = source.definition ? this.#blaming(source, 'recordKey', ask) : ask();
      if (key === undefined) return undefined;
      keys.push(key);
    }
    return JSON.stringify(keys);
  }

  /** Whether nothing but what is built in takes part in a launch. */
  isBuiltIn(state: LaunchState): boolean {
    return !this.sources.some((source) => source.definition && isInvolved(source, state));
  }

  /** Whether all that is done to the child is done by a network driver that lets it go on meanwhile. */
  attachesLate(state: LaunchState): boolean {
    const { userns, network } = state.drivers;
    if (!network.driver.attach || !network.driver.capabilities.attachesLate || userns.driver.attach) return false;
    return !this.#withPostClone.some((source) => isInvolved(source, state));
  }

  /** Whether a plugin that is loaded has an undo function. */
  canUndo(plugin: string, kind: string): boolean {
    const definition = this.#registered.get(plugin);
    return !definition || typeof definition.undo?.[kind] === 'function';
  }

  /** How a plugin takes a step back; one that never settles is given up on. */
  async undo(plugin: string, kind: string): Promise<Undo> {
    const source = this.sources.find((candidate) => candidate.name === plugin);
    const undo = source && (await this.#load(source)).undo?.[kind];
    if (undo && !source.definition) return undo;
    if (undo) return (args, context) => this.#blaming(source, `undo of "${kind}"`, () => undo(args, context));
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
    if (definition.hooks?.postClone) this.#withPostClone.push(source);
    return definition;
  }

  /** What is built in has no need to be watched. */
  #make(source: PluginSource, kind: DriverKind, name: string, make: () => Driver): Driver {
    if (!source.definition) return make();
    return watchDriver({ plugin: source.name, kind, name, patienceMs: this.bus.patienceMs }, make);
  }

  #blaming<Result>({ name }: PluginSource, deed: string, act: () => Result): Result {
    return blaming({ plugin: name, deed, patienceMs: this.bus.patienceMs }, act);
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

/** A plugin with drivers takes part where one of them was chosen; any other always does. */
function isInvolved(source: PluginSource, state: LaunchState): boolean {
  return !source.drivers || Object.values(state.drivers).some((chosen) => chosen.plugin === source.name);
}

function token(kind: string, name: string): string {
  return `tsbox.driver.${kind}.${name}`;
}
