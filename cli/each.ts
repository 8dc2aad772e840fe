import type { Globals } from './globals.js';
import { print } from './output.js';
import { reportError } from './report-error.js';

/**
 * Does something to each of several arguments and echoes it; goes on after a failure.
 * @returns 0, or 1 when one failed
 */
export async function eachArgument(
  names: readonly string[],
  globals: Globals,
  act: (name: string) => Promise<unknown>,
): Promise<number> {
  let status = 0;
  for (const name of names) {
    try {
      await act(name);
      print(`${name}\n`);
    } catch (error) {
      status = reportError(error, { failure: 1, debug: globals.debug });
    }
  }
  return status;
}
