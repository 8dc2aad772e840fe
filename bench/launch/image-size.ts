import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageFromHost } from '../../core/image/index.js';
import type { LibraryEngine } from '../../core/index.js';
import { readHost } from '../../core/kernel/host.js';
import { LibcGate } from '../../core/kernel/libc-gate.js';
import type { Measure } from '../interleave.js';
import { timedLaunch } from './timed-launch.js';

const MANY_FILES = 20_000;
const FILES_PER_DIRECTORY = 200;

/** The same program in an image of a few files, and in one of twenty thousand. */
export function imageSizeKinds(engine: LibraryEngine, directory: string): Record<string, Measure> {
  let made: Promise<void> | undefined;
  const launch = (image: string) => async () => {
    made ??= makeImages(directory);
    await made;
    return timedLaunch(engine, { image, command: ['/bin/true'], network: 'none', storage: 'overlay' });
  };
  return {
    'overlay, image of a few files': launch(join(directory, 'small')),
    'overlay, image of 20 000 files': launch(join(directory, 'large')),
  };
}

async function makeImages(directory: string): Promise<void> {
  const root = join(directory, 'images-root');
  await imageFromHost({ root, name: 'true', programs: ['true'], gate: new LibcGate(), host: readHost() });
  for (const name of ['small', 'large']) {
    cpSync(join(root, 'images/true/layer'), join(directory, name), { recursive: true, verbatimSymlinks: true });
  }
  for (let index = 0; index < MANY_FILES; index++) {
    const folder = join(directory, 'large/data', String(Math.floor(index / FILES_PER_DIRECTORY)));
    if (index % FILES_PER_DIRECTORY === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, String(index)), 'x'.repeat(100));
  }
}
