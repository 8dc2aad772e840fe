import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * How a monitor starts tsbox: the command line tool lies beside the library in the package. Undefined
 * where the library was bundled into another program, or runs from its sources.
 */
export function ownCommand(): readonly string[] | undefined {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'cli.cjs');
  return existsSync(script) ? [process.execPath, '--', script] : undefined;
}
