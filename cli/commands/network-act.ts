import type { Command } from 'commander';
import type { Engine } from '../../core/engine/index.js';
import { openSession } from '../engine.js';
import { type Globals, readGlobals } from '../globals.js';

/** What a subcommand does. @returns the exit status */
export type NetworkAction = (engine: Engine, globals: Globals) => Promise<number>;

/** Does it with an engine that is closed afterwards. */
export type Act = (parsed: Command, action: NetworkAction) => Promise<void>;

export function actWith(finish: (status: number) => void): Act {
  return async (parsed, action) => {
    const globals = readGlobals(parsed, process.env);
    const { engine } = await openSession(globals);
    try {
      finish(await action(engine, globals));
    } finally {
      await engine.close();
    }
  };
}
