import { runVitest, type TestOutcome } from '../../core/authoring/run-vitest.js';
import { driversOf, suiteFile } from '../../core/authoring/suite-file.js';
import type { PluginDefinition } from '../../core/plugin/index.js';
import { OWN_NAMES } from './own-names.js';
import { REPOSITORY } from './run-cli.js';

export interface SuiteRun {
  readonly plugin: PluginDefinition;
  /** Its module. */
  readonly module: URL;
  /** An undo that does nothing. */
  readonly without?: string;
  /** Further fields of the description, as JavaScript: `options: { size: '1m' }`. */
  readonly description?: string;
}

export interface SuiteResult {
  readonly passed: readonly TestOutcome[];
  readonly failed: readonly TestOutcome[];
  /** What it printed. */
  readonly output: string;
}

/** Runs the conformance suite on a plugin in a vitest of its own: one that fails is then a result. */
export async function runSuite({ plugin, module, without, description }: SuiteRun): Promise<SuiteResult> {
  const text = suiteFile({
    module: module.pathname,
    drivers: driversOf(plugin),
    ...(without !== undefined && { without }),
    ...(description !== undefined && { description }),
  });
  const aliases = OWN_NAMES.map(({ find, replacement }) => [find.source, replacement] as const);
  const { tests, output } = await runVitest({ directory: REPOSITORY, text, aliases });
  if (tests.length === 0) throw new Error(`the suite did not run: ${output}`);
  const of = (state: string) => tests.filter((test) => test.state === state);
  return { passed: of('passed'), failed: of('failed'), output };
}
