import type { Command } from 'commander';

/** Takes what an action resolves to: the exit status. */
export type Finish = (status: number) => void;

/** What each file of `commands/` exports. */
export interface CommandModule {
  /** Adds arguments, options and the action to a command that is named and described. */
  define(command: Command, finish: Finish): void;
}

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Not for people: help does not list it. */
  readonly hidden?: true;
  /** What its failures exit with: 125 for those that start a container, because 1 is the container's own. */
  readonly failure: 125 | 1;
  load(): Promise<CommandModule>;
}
