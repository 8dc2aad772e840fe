import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const HERE = new URL('.', import.meta.url);
/** The kit is in dist/ itself where it is installed, and in test/support in a checkout. */
const isBundle = existsSync(new URL('cli.cjs', HERE));

/** The package's own directory. */
export const PACKAGE = fileURLToPath(new URL(isBundle ? '..' : '../..', HERE));
/** The command line, as it is shipped. */
export const CLI = `${PACKAGE}dist/cli.cjs`;
/** What is loaded into a command that is to be killed on the way. */
export const FAULT_PRELOAD = `${PACKAGE}dist/fault-preload.cjs`;
