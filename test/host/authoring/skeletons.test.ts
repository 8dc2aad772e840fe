import { join } from 'node:path';
import { expect } from 'vitest';
import { createPlugin, PLUGIN_KINDS } from '../../../core/authoring/create-plugin.js';
import { runVitest } from '../../../core/authoring/run-vitest.js';
import { OWN_NAMES } from '../../support/own-names.js';
import { REPOSITORY } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');
const project = tempDirectory();
const aliases = OWN_NAMES.map(({ find, replacement }) => [find.source, replacement] as const);
/** Faults are the same for all of a kind, and tried on the built-in drivers and the examples. */
const WITHOUT_FAULTS = '^(?!.*(where something fails|where the engine is killed))';

describe('what plugin create writes', () => {
  it('passes its suite, of whatever kind it is', { timeout: 300_000 }, async () => {
    const made = PLUGIN_KINDS.map((kind) => {
      const directory = join(project, kind);
      const { suite } = createPlugin({ kind, name: `own-${kind}`, directory, project, version: '0.1.0' });
      return { kind, suite, module: join(directory, 'index.ts') };
    });
    const text = made.map(
      ({ kind, suite, module }) => `
        import ${kind} from ${JSON.stringify(module)};
        testing.${suite}(${kind}, { driver: 'own-${kind}', module: ${JSON.stringify(module)} });`,
    );
    const { tests, status, output } = await runVitest({
      directory: REPOSITORY,
      text: `import * as testing from 'tsbox/testing';\n${text.join('')}`,
      aliases,
      named: WITHOUT_FAULTS,
    });
    const failed = tests.filter(({ state }) => state === 'failed');
    expect({ status, failed }, output).toEqual({ status: 0, failed: [] });
    for (const { kind } of made) {
      const own = tests.filter(({ name, state }) => state === 'passed' && name.includes(`own-${kind}`));
      expect([kind, own.length > 6]).toEqual([kind, true]);
    }
  });
});
