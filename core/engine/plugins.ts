import { TsboxError } from '../plugin/error.js';
import type { JsonObject } from '../plugin/launch.js';
import type { CommandContext, PluginContext } from '../plugin/plugin-command.js';
import { blaming } from './blame.js';
import type { PluginRegistry } from './registry.js';

/** A command that a plugin brings: `tsbox NAME USAGE`. */
export interface PluginCommandInfo {
  readonly name: string;
  readonly plugin: string;
  readonly summary: string;
  readonly usage?: string;
}

/** What a plugin shows of itself in `info`, or why it cannot. */
export interface PluginSection {
  readonly plugin: string;
  readonly shown?: JsonObject;
  readonly failure?: string;
}

/** What a command is given by whoever reads the command line. */
export type CommandRequest = Pick<CommandContext, 'args' | 'engine' | 'print' | 'printError'>;

/** Nobody waits longer for a section of `info`. */
const INFO_PATIENCE_MS = 10_000;

/** The plugins from outside, for what they bring beside drivers and hooks. */
export class Plugins {
  readonly #registry: PluginRegistry;
  readonly #context: Omit<PluginContext, 'options'>;

  constructor(registry: PluginRegistry, context: Omit<PluginContext, 'options'>) {
    this.#registry = registry;
    this.#context = context;
  }

  /** Loads them, and checks what the configuration says to plugins and drivers. @throws TsboxError */
  check(): Promise<void> {
    return this.#registry.check();
  }

  commands(): PluginCommandInfo[] {
    return this.#registry.outside().flatMap(({ definition: { name: plugin, commands = {} } }) =>
      Object.entries(commands).map(([name, { summary, usage }]) => ({
        name,
        plugin,
        summary,
        ...(usage !== undefined && { usage }),
      })),
    );
  }

  /** Runs a command that is there. @returns its exit status @throws TsboxError naming the plugin */
  async run(name: string, request: CommandRequest): Promise<number> {
    const found = this.#registry.outside().find(({ definition }) => definition.commands?.[name]);
    const command = found?.definition.commands?.[name];
    if (!found || !command) throw new Error(`no plugin has a command ${name}`);
    const { definition, options } = found;
    // It may take as long as it likes: it may be one that follows something.
    const call = { plugin: definition.name, deed: `its command "${name}"`, patienceMs: Number.POSITIVE_INFINITY };
    const status = await blaming(call, () => command.run({ ...this.#context, ...request, options }));
    if (status === undefined || (Number.isInteger(status) && status >= 0 && status <= 255)) return status ?? 0;
    throw new TsboxError('ERR_TSBOX_PLUGIN', {
      what: `plugin "${definition.name}" failed in its command "${name}"`,
      why: `${JSON.stringify(status)} is no exit status`,
      fix: 'return a number from 0 to 255, or nothing',
    });
  }

  /** The sections of `info`; one that fails says so, and the others are there. */
  async info(): Promise<PluginSection[]> {
    const sections: PluginSection[] = [];
    for (const { definition, options } of this.#registry.outside()) {
      const { name: plugin, info } = definition;
      if (!info) continue;
      const call = { plugin, deed: 'info', patienceMs: INFO_PATIENCE_MS };
      try {
        sections.push({ plugin, shown: await blaming(call, () => info({ ...this.#context, options })) });
      } catch (error) {
        sections.push({ plugin, failure: (error as Error).message });
      }
    }
    return sections;
  }
}
