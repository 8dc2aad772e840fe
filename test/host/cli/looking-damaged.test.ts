import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');
const _ID = /^[0-9a-f]{64}\n$/;

describe('records that cannot be read', () => {
  it.each([
    ['empty', ''],
    ['cut short', '{"version":1,"id":"'],
    ['from a later tsbox', '{"version":2}'],
  ])('%s: the file is named, and the others are listed', async (_, text) => {
    const state = tempRoot();
    const tsbox = (...args: string[]) => runCli([...state.flags, ...args]);
    expect((await tsbox('run', '--name', 'whole', '--network=none', 'host', 'true')).status).toBe(0);
    const directory = join(state.root, 'containers', 'ab'.repeat(32));
    mkdirSync(directory);
    writeFileSync(join(directory, 'container.json'), text);
    const { status, stdout, stderr } = await tsbox('ps', '-a', '--format', '{{.Names}}');
    expect([status, stdout]).toEqual([0, 'whole\n']);
    expect(stderr).toContain(`cannot read ${join(directory, 'container.json')}`);
    expect((await tsbox('rm', 'whole')).status).toBe(0);
  });
});
