import type { DependencyContainer } from 'tsyringe';
import type { Gate, WaitStatus } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import type { ChildProgram } from '../program/child-program.js';
import type { DriverTypes } from './drivers.js';
import type { JsonObject, Launch } from './launch.js';

export const API_VERSION = 1;

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

export type HookHandler<Name extends HookName> = (context: HookContexts[Name]) => void | Promise<void>;

/** A handler, or a handler with its place: before or after the handlers of another plugin. */
export type HookRegistration<Name extends HookName> =
  | HookHandler<Name>
  | { readonly before?: string; readonly after?: string; readonly handler: HookHandler<Name> };

/** Makes a driver; its collaborators come out of the container (see tokens.ts). */
export type DriverFactory<D> = (container: DependencyContainer, options: JsonObject) => D;

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

export interface PluginDefinition {
  readonly name: string;
  readonly apiVersion: number;
  readonly drivers?: {
    readonly [Kind in keyof DriverTypes]?: Readonly<Record<string, DriverFactory<DriverTypes[Kind]>>>;
  };
  readonly hooks?: { readonly [Name in HookName]?: HookRegistration<Name> };
  /** Refuses what cannot be done as asked, before the first side effect of a launch. @throws TsboxError */
  readonly validate?: (launch: Launch) => void;
  /** By the `kind` that steps name. */
  readonly undo?: Readonly<Record<string, Undo>>;
}

/** Declares a plugin; the default export of its module. */
export function definePlugin(definition: PluginDefinition): PluginDefinition {
  return definition;
}
