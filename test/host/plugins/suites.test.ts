import { expect } from 'vitest';
import lantern from '../../fixtures/lantern/index.js';
import { runSuite } from '../../support/run-suite.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');
const LONG = { timeout: 300_000 };
const module = new URL('../../fixtures/lantern/index.ts', import.meta.url);
const place = `${tempDirectory()}/lanterns`;
const description = `pluginOptions: { place: ${JSON.stringify(place)} }`;

describe('the conformance suite', () => {
  it('passes with a plugin that takes back what it takes', LONG, async () => {
    const { passed, failed, output } = await runSuite({ plugin: lantern, module, description });
    expect(failed, output).toEqual([]);
    expect(passed.length).toBeGreaterThan(10);
  });

  it('fails with the same plugin without its undo', LONG, async () => {
    const { failed } = await runSuite({ plugin: lantern, module, description, without: 'put-out' });
    expect(failed.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['plugin lantern leaves this host and this process as they were']),
    );
  });
});
