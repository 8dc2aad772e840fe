import type { Command } from 'commander';
import type { Engine } from '../core/engine/index.js';
import type { Finish } from './command.js';
import { openSession } from './engine.js';
import { type Globals, readGlobals } from './globals.js';

/** Does something with an engine that is closed afterwards. */
export type WithEngine = (parsed: Command, act: (engine: Engine, globals: Globals) => Promise<number>) => Promise<void>;

/** @param finish takes what `act` resolves to: the exit status */
export function withEngine(finish: Finish): WithEngine {
  return async (parsed, act) => {
    const globals = readGlobals(parsed, process.env);
    const { engine } = await openSession(globals);
    try {
      finish(await act(engine, globals));
    } finally {
      await engine.close();
    }
  };
}
