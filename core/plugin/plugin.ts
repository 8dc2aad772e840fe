import type { DependencyContainer } from 'tsyringe';
import type { Gate, WaitStatus } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import type { ChildProgram } from '../program/child-program.js';
import type { Removal } from '../program/removal.js';
import type { DriverTypes } from './drivers.js';
import type { JsonObject, Launch } from './launch.js';
import type { OptionTable, OptionValues } from './options.js';
import type { PluginCommand, PluginInfo } from './plugin-command.js';
import type { DriverKind } from './spec.js';

/** Of this contract. What is added to it leaves it as it is. */
export const API_VERSION = 1;
/** What ranges of versions are compared with. */
export const API_RELEASE = '1.0.0';

export const DRIVER_KINDS = [
  'storage',
  'network',
  'resources',
  'userns',
  'security',
  'image',
  'log',
] as const satisfies readonly DriverKind[];

/** What the handlers of each hook receive. The names say when their work is executed. */
export interface HookContexts {
  /** Engine, before the clone: the rootfs is made ready. */
  prepareRootfs: { readonly launch: Launch };
  /** Engine, before the clone: namespaces chosen, cgroup made, address leased. */
  preClone: { readonly launch: Launch };
  /** Recorded in the engine, executed in the child inside its new namespaces. */
  childSetup: { readonly launch: Launch; readonly child: ChildProgram };
  /** Recorded in the engine, executed last in the child: rights are dropped. */
  preExec: { readonly launch: Launch; readonly child: ChildProgram };
  /** Engine, the child waiting at its barrier. */
  postClone: { readonly launch: Launch };
  /** Engine, the command runs. For observers. */
  postStart: { readonly launch: Launch };
  /** Engine, the command has ended. For observers. */
  postStop: { readonly launch: Launch; readonly status: WaitStatus };
}

export type HookName = keyof HookContexts;
export const HOOK_NAMES = [
  'prepareRootfs',
  'preClone',
  'childSetup',
  'preExec',
  'postClone',
  'postStart',
  'postStop',
] as const satisfies readonly HookName[];

/** `options` are the plugin's own: defaults, then `pluginOptions` of the configuration. */
export type HookHandler<Name extends HookName, Options extends OptionTable = OptionTable> = (
  context: HookContexts[Name] & { readonly options: OptionValues<Options> },
) => void | Promise<void>;

/** A handler, or a handler with its place: before or after the handlers of another plugin. */
export type HookRegistration<Name extends HookName, Options extends OptionTable = OptionTable> =
  | HookHandler<Name, Options>
  | { readonly before?: string; readonly after?: string; readonly handler: HookHandler<Name, Options> };

/**
 * Makes a driver; its collaborators come out of the container (see tokens.ts). Its options are those of the
 * plugin, and what `driverOptions` says under the driver's name.
 */
export type DriverFactory<D, Options extends OptionTable = OptionTable> = (
  container: DependencyContainer,
  options: OptionValues<Options>,
) => D;

export interface UndoContext {
  readonly gate: Gate;
  readonly host: Host;
  readonly root: string;
  readonly runroot: string;
  /** The engine that did it goes on: what its launches share may stay until its drivers are disposed of. */
  readonly engineLives?: boolean;
}

/**
 * Takes one step back. It may run in another process, long after, on a host where the thing is
 * half made, changed or gone: what is missing is success.
 */
export type Undo = (args: JsonObject, context: UndoContext) => void | Promise<void>;

/**
 * Says what an undo of a kind removes, where it does nothing but that: what is small the engine has removed beside its
 * own thread then, several steps together, and calls the undo function only for what is still there. Newest first as ever.
 */
export type Removals = (args: JsonObject, context: UndoContext) => readonly Removal[];

export interface PluginDefinition<Options extends OptionTable = OptionTable> {
  /** Lower-case letters, digits, `-`, `.`, `_`; as the name of its package, without the scope. */
  readonly name: string;
  /** The version of this contract that it is written for, or a range of semver: `1` is `^1`. */
  readonly apiVersion: number | string;
  /** One line, for `tsbox plugin ls`. */
  readonly description?: string;
  /** What it can be told; without it, nothing. */
  readonly options?: Options;
  readonly drivers?: {
    readonly [Kind in keyof DriverTypes]?: Readonly<Record<string, DriverFactory<DriverTypes[Kind], Options>>>;
  };
  /** Of a plugin with drivers they run for launches that chose one of them, else for every launch. */
  readonly hooks?: { readonly [Name in HookName]?: HookRegistration<Name, Options> };
  /** Refuses what cannot be done as asked, before the first side effect of a launch. @throws TsboxError */
  readonly validate?: (launch: Launch, options: OptionValues<Options>) => void;
  /** What its handlers of childSetup and preExec depend on; as that of a driver. */
  readonly recordKey?: (launch: Launch) => string | undefined;
  /** By the `kind` that steps name. */
  readonly undo?: Readonly<Record<string, Undo>>;
  /** By the kinds of `undo`, for those that only remove. */
  readonly removals?: Readonly<Record<string, Removals>>;
  /** `tsbox NAME …`, by name. */
  readonly commands?: Readonly<Record<string, PluginCommand<Options>>>;
  /** Its section in `tsbox info`. */
  readonly info?: PluginInfo<Options>;
}

/** Declares a plugin; the default export of its module. Types of `options` are inferred from their table. */
export function definePlugin<const Options extends OptionTable = Record<never, never>>(
  definition: PluginDefinition<Options>,
): PluginDefinition {
  return definition as unknown as PluginDefinition;
}
