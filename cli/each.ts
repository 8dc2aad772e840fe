import type { Command } from 'commander';
import type { Engine } from '../core/engine/index.js';
import { openSession } from './engine.js';
import { type Globals, readGlobals } from './globals.js';
import { print } from './output.js';
import { reportError } from './report-error.js';

/**
 * Does something to each of several arguments and echoes it; goes on after a failure.
 * @param act false: there was nothing to do it to, and nothing is echoed
 * @returns 0, or 1 when one failed
 */
export async function eachArgument(
  names: readonly string[],
  globals: Globals,
  act: (name: string) => Promise<unknown>,
  echo = true,
): Promise<number> {
  let status = 0;
  for (const name of names) {
    try {
      const done = await act(name);
      if (echo && done !== false) print(`${name}\n`);
    } catch (error) {
      status = reportError(error, { failure: 1, debug: globals.debug });
    }
  }
  return status;
}

/** The same for an operation of the engine. */
export async function eachContainer(
  names: readonly string[],
  parsed: Command,
  act: (engine: Engine, name: string, globals: Globals) => Promise<unknown>,
): Promise<number> {
  const globals = readGlobals(parsed, process.env);
  const { engine } = await openSession(globals);
  const status = await eachArgument(names, globals, (name) => act(engine, name, globals));
  await engine.close();
  return status;
}
