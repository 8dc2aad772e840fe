import type { Command } from 'commander';

/** What a command does with the options of all commands, and its exit status. */
export interface CommandModule {
  /** Adds arguments, options and the action to a command that is named and described. */
  define(command: Command, finish: Finish): void;
}

/** Takes what an action resolves to: the exit status. */
export type Finish = (status: number) => void;

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** What its failures exit with: 125 for those that start a container, because 1 is the container's own. */
  readonly failure: 125 | 1;
  load(): Promise<CommandModule>;
}

/** Every command there is. Modules are imported when they are used: `run` pays for `run` only. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'run', summary: 'run a command in a new container', failure: 125, load: () => import('./commands/run.js') },
  { name: 'plan', summary: 'print what run would do, and do nothing', failure: 125, load: () => import('./commands/plan.js') },
  { name: 'image', summary: 'list, make and remove images', failure: 1, load: () => import('./commands/image.js') },
  { name: 'info', summary: 'what this host can do, and which drivers work', failure: 1, load: () => import('./commands/info.js') },
  { name: 'gc', summary: 'take back what died engines left', failure: 1, load: () => import('./commands/gc.js') },
  { name: 'version', summary: 'print the version', failure: 1, load: () => import('./commands/version.js') },
];
