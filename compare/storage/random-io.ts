import { closeSync, fdatasyncSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { nanosecondsNow } from '../nanoseconds.js';
import { opening } from '../opened.js';
import { FEWEST_ROUNDS, type Workload } from '../workload.js';
import { IdleContainer } from './container.js';
import { findFio, runFio } from './fio.js';
import { largestFile, listFiles } from './image-files.js';
import type { Subject } from './subject.js';

const ABOUT = { group: 'large files', unit: 'ops/s', better: 'more' } as const;
const BLOCK = 4096;
const READS = 8192;
const WRITES = 2048;
const OWN_FILE = 32 * 1024 * 1024;

/** Reads of the image's largest file, in blocks at random places. */
export async function randomReadWorkload(subject: Subject): Promise<Workload> {
  const fio = await findFio();
  const how = fio ? `${fio.version}, randread, psync` : `${READS} calls of pread in one thread`;
  return {
    name: 'random-read',
    rounds: FEWEST_ROUNDS,
    yields: [
      {
        name: 'random-read',
        title: 'random reads of a file of the image',
        description: `Blocks of 4 KiB at random places of the largest file, which is in the page cache (${how}).`,
        ...ABOUT,
      },
    ],
    open: (candidate) =>
      opening(async (opened) => {
        const container = opened.add(await IdleContainer.start(subject, candidate), (it) => it.discard());
        const file = join(container.root, largestFile(listFiles(container.root), 2 * BLOCK).path);
        const { length } = readFileSync(file);
        const run = async () => [fio ? await runFio(fio, 'randread', file, length) : readAtRandom(file, length)];
        return { run, close: () => opened.close() };
      }),
  };
}

/**
 * Writes to a file of the container, in blocks at random places. That of a container which is removed when it ends
 * need not reach the disk: a driver may take a sync for nothing there, and then it is memory that is measured.
 */
export async function randomWriteWorkload(subject: Subject): Promise<Workload> {
  const fio = await findFio();
  const how = fio ? `${fio.version}, randwrite, psync, fsync after 1024` : `${WRITES} calls of pwrite, then fdatasync`;
  const about = (name: string, title: string, which: string) => ({
    name,
    title,
    description: `Blocks of 4 KiB at random places of a file of 32 MiB that was written before, in ${which} (${how}).`,
    ...ABOUT,
  });
  return {
    name: 'random-write',
    rounds: FEWEST_ROUNDS,
    yields: [
      about('random-write', 'random writes and a sync', 'a container that is kept when it ends'),
      about('random-write-rm', 'random writes and a sync, with --rm', 'a container that is removed when it ends'),
    ],
    open: (candidate) =>
      opening(async (opened) => {
        const measures: (() => Promise<number>)[] = [];
        for (const keep of [true, false]) {
          const container = opened.add(await IdleContainer.start(subject, candidate, { keep }), (it) => it.discard());
          const file = join(container.makeDirectory(), 'data');
          writeFileSync(file, Buffer.alloc(OWN_FILE, 'x'));
          measures.push(fio ? () => runFio(fio, 'randwrite', file, OWN_FILE) : async () => writeAtRandom(file));
        }
        const run = async () => {
          const samples: number[] = [];
          for (const measure of measures) samples.push(await measure());
          return samples;
        };
        return { run, close: () => opened.close() };
      }),
  };
}

function readAtRandom(file: string, size: number): number {
  const block = Buffer.alloc(BLOCK);
  return perSecond(file, 'r', READS, (fd) => readSync(fd, block, 0, BLOCK, randomPlace(size)));
}

function writeAtRandom(file: string): number {
  const block = Buffer.alloc(BLOCK, 'y');
  return perSecond(file, 'r+', WRITES, (fd) => writeSync(fd, block, 0, BLOCK, randomPlace(OWN_FILE)), fdatasyncSync);
}

function perSecond(
  file: string,
  flags: string,
  count: number,
  act: (fd: number) => void,
  last: (fd: number) => void = () => {},
): number {
  const fd = openSync(file, flags);
  try {
    const time = nanosecondsNow(() => {
      for (let index = 0; index < count; index++) act(fd);
      last(fd);
    });
    return count / (time / 1e9);
  } finally {
    closeSync(fd);
  }
}

function randomPlace(size: number): number {
  return Math.floor(Math.random() * Math.floor(size / BLOCK)) * BLOCK;
}
