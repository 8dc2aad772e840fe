import { expect } from 'vitest';
import { runVitest } from '../../core/authoring/run-vitest.js';
import { REPOSITORY } from './run-cli.js';

/** A network driver among the examples, as its suite is told of it. */
export interface ExampleDriver {
  readonly example: string;
  readonly driver: string;
  readonly pluginOptions: object;
}

/** Runs what the suite asks of launches on an example of which one undo does nothing: it must find that. */
export async function expectUndoMissed({ example, driver, pluginOptions }: ExampleDriver, undo: string): Promise<void> {
  const module = `${REPOSITORY}/examples/${example}/index.ts`;
  const description = JSON.stringify({ driver, module, pluginOptions });
  const text = `
    import { describeLaunches } from '${REPOSITORY}/test/contract/launches.ts';
    import { Stage } from '${REPOSITORY}/test/contract/stage.ts';
    import { Subject } from '${REPOSITORY}/test/contract/subject.ts';
    import { withoutUndo } from '${REPOSITORY}/test/contract/without-undo.ts';
    import example from '${module}';
    describeLaunches(new Stage(new Subject(withoutUndo(example, '${undo}'), ${description}, 'network')));`;
  const aliases = [['^tsbox.plugin$', `${REPOSITORY}/core/plugin/index.ts`]] as const;
  const { status, tests, output } = await runVitest({ directory: REPOSITORY, text, aliases });
  if (tests.length === 0) process.stderr.write(output);
  const failed = tests.filter(({ state }) => state === 'failed').map(({ name }) => name);
  // With its undo it passes them all. Which of the two sees it depends on what the kernel takes back by itself.
  expect({ status, noticed: failed.some((name) => TAKE_BACK.includes(name)), failed }).toMatchObject({
    status: 1,
    noticed: true,
  });
}

const TAKE_BACK = [
  'takes back what it took, and harms nobody when that is asked for again',
  'takes back a step that failed after it was done',
];
