import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { imageFromHost } from '../../core/image/index.js';
import type { LibraryEngine } from '../../core/index.js';
import { readHost } from '../../core/kernel/host.js';
import { LibcGate } from '../../core/kernel/libc-gate.js';
import { interleave, type Measure } from '../interleave.js';
import { timedLaunch } from '../launch/timed-launch.js';
import { type DiskType, noDisk, withDisk } from '../loop-disk.js';
import { engineIn, statePlaces, withScratch } from '../scratch.js';
import { sampling, setting, settings } from '../settings.js';
import { printTable } from '../table.js';
import { makeLargeFiles, makeSmallFiles } from '../trees.js';

/** What a launch costs with images of 10 MB to 2 GB, under overlay and copy, with and without reflinks. */
const SIZES = settings('SIZES', [10, 100, 500, 2000]);
const MANY_FILES = setting('FILES', 20_000);
const OVERLAY = sampling(12, 9);
const COPY = sampling(5, 1);
const COLUMNS = ['started', 'gone'];
const DISKS: readonly DiskType[] = ['ext4', 'xfs', 'btrfs'];
/** Of a file in the images: that of a library. */
const FILE_MIB = 2;
/** The images, and copies of the largest one while others are removed. */
const ROOM = 4;

async function main(directory: string): Promise<void> {
  for (const type of DISKS) {
    const why = noDisk(type);
    if (why) console.log(`${type}: not measured: ${why}\n`);
    else await withDisk(type, 1024 + ROOM * sum(SIZES), directory, (disk) => onDisk(disk, type));
  }
}

async function onDisk(disk: string, type: DiskType): Promise<void> {
  const images = await makeImages(disk);
  await using engine = await engineIn(disk);
  const kinds = (storage: string): Record<string, Measure> =>
    Object.fromEntries(SIZES.map((size) => [`${size} MB`, launch(engine, images(`${size}`), storage)]));
  const title = (storage: string) => `${storage} on ${type}, by size of the image`;
  if (type === 'ext4') {
    const many = { [`${MANY_FILES} small files`]: launch(engine, images('many'), 'overlay') };
    printTable(COLUMNS, await interleave({ ...kinds('overlay'), ...many }, OVERLAY), title('overlay'));
  }
  printTable(COLUMNS, await interleave(kinds('copy'), COPY), title('copy'));
}

function launch(engine: LibraryEngine, image: string, storage: string): Measure {
  return () => timedLaunch(engine, { image, command: ['/bin/true'], network: 'none', storage });
}

async function makeImages(disk: string): Promise<(name: string) => string> {
  const { root } = statePlaces(disk);
  await imageFromHost({ root, name: 'true', programs: ['true'], gate: new LibcGate(), host: readHost() });
  const image = (name: string) => join(disk, `image-${name}`);
  for (const name of [...SIZES.map(String), 'many']) {
    mkdirSync(image(name));
    cpSync(join(root, 'images/true/layer'), image(name), { recursive: true, verbatimSymlinks: true });
  }
  for (const size of SIZES) makeLargeFiles(join(image(String(size)), 'data'), size, FILE_MIB);
  makeSmallFiles(join(image('many'), 'data'), MANY_FILES);
  return image;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}

await withScratch(main);
