import { expect } from 'vitest';
import { cliWith } from './example.js';

/** On the command line, with the example of a storage driver that prepares an image before its first container. */
export async function expectPreparedOnce(driver: string, directory: string): Promise<void> {
  const example = `storage-${driver}`;
  const { image, tsbox } = cliWith(example, directory, { storage: driver });
  const run = (...args: string[]) => tsbox('run', ...args, image, 'sh', '-c', 'echo more >> /lines; cat /lines');
  expect(await run('--name=box')).toMatchObject({ status: 0, stdout: 'more\n' });
  const plan = await tsbox('plan', image, 'true');
  expect(plan.stdout).not.toMatch(new RegExp(`${example} +(copy|pack) `));
  expect(await run('--rm')).toMatchObject({ status: 0, stdout: 'more\n' });
  expect(await tsbox('start', '-a', 'box')).toMatchObject({ stdout: 'more\nmore\n' });
  expect((await tsbox('diff', 'box')).stdout).toBe('A /lines\n');
  expect((await tsbox('export', 'box')).stdout).toContain('more\nmore\n');
  expect(await tsbox('commit', 'box', 'my/lines')).toMatchObject({ status: 0 });
  expect(await tsbox('rm', 'box')).toMatchObject({ status: 0 });
  expect(await tsbox('run', '--rm', 'my/lines', 'cat', '/lines')).toMatchObject({ stdout: 'more\nmore\n' });
}
