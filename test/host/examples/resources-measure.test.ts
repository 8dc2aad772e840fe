import { describeResourceDriver } from 'tsbox/testing';
import { expect } from 'vitest';
import example from '../../../examples/resources-measure/index.js';
import { cliWith } from '../../support/example.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const module = new URL('../../../examples/resources-measure/index.ts', import.meta.url);
describeResourceDriver(example, { driver: 'measure', module });

const { describe, it } = skipUnless('root', 'busybox');

describe('resources measure on the command line', () => {
  it('says what a container used, and refuses a limit', async () => {
    const { image, tsbox } = cliWith('resources-measure', tempDirectory(), { resources: 'measure' });
    const { status, stderr } = await tsbox('run', '--rm', image, 'sh', '-c', 'exit 3');
    expect(status).toBe(3);
    expect(stderr).toMatch(/it used \d+\.\d{3} s of CPU, and at most [\d.]+ [KM]iB of memory/);
    const limited = await tsbox('run', '--rm', '--memory=64m', image, 'true');
    expect(limited).toMatchObject({ status: 125, stderr: expect.stringContaining('leave out --memory') });
  });
});
