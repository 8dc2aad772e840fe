import { chmodSync, chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { type CliResult, runCli } from '../../support/run-cli.js';
import { tempRoot } from '../../support/temp-root.js';

/** A state of its own, and an image with files of several owners. Called inside `describe`. */
export function mappedRoot() {
  const state = tempRoot();
  const image = join(state.directory, 'image');
  const run = (...args: string[]): Promise<CliResult> =>
    runCli([...state.flags, 'run', '--rm', '--network=none', ...args]);
  const left = () => [...readdirSync(join(state.root, 'containers')), ...readdirSync(join(state.runroot, 'userns'))];

  beforeAll(() => {
    busyboxImage(image, { 'home/alice/file': 'hers\n', 'root/file': "root's\n", 'var/far': 'far\n' });
    chownSync(join(image, 'home/alice/file'), 1000, 1000);
    chownSync(join(image, 'var/far'), 5000, 5000);
    // Nobody but root of the host can walk to what is in the store.
    chmodSync(state.directory, 0o700);
  });
  return { state, image, run, left };
}
