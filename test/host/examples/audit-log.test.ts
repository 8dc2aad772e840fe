import { describePlugin } from 'tsbox/testing';
import { expect } from 'vitest';
import example from '../../../examples/audit-log/index.js';
import { cliWith } from '../../support/example.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

describePlugin(example, { module: new URL('../../../examples/audit-log/index.ts', import.meta.url) });

const { describe, it } = skipUnless('root', 'overlay', 'busybox');

describe('the audit log on the command line', () => {
  it('has one line for each launch: that ended, that failed, that goes on', async () => {
    const { image, tsbox } = cliWith('audit-log', tempDirectory(), { storage: 'overlay' });
    await tsbox('run', '--rm', image, 'sh', '-c', 'exit 3');
    await tsbox('run', '--rm', image, 'nothing-of-that-name');
    await tsbox('run', '-d', '--name=web', image, 'sleep', '60');
    await tsbox('rm', '-f', 'web');
    const { stdout } = await tsbox('audit');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { who: { uid: 0 }, image, command: ['sh', '-c', 'exit 3'], exitStatus: 3 },
      { command: ['nothing-of-that-name'], failed: true, exitStatus: null },
      { name: 'web', command: ['sleep', '60'], detached: true, drivers: { storage: 'overlay' } },
    ]);
    expect((await tsbox('audit', '--since', lines[2].time)).stdout.split('\n')).toHaveLength(2);
    expect((await tsbox('info')).stdout).toMatch(/audit-log[\s\S]*launches +3/);
    expect(await tsbox('audit', '--until')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('--since'),
    });
  });
});
