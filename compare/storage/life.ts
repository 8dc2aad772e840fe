import { closeSync, mkdirSync, openSync, renameSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerHandle } from '../../core/index.js';
import { nanoseconds, nanosecondsNow } from '../nanoseconds.js';
import { FEWEST_ROUNDS, type Sample, type Workload } from '../workload.js';
import { IdleContainer } from './container.js';
import { type ImageFile, largestFile, listFiles } from './image-files.js';
import { startOf } from './start.js';
import type { Subject } from './subject.js';

const TIMES = { unit: 'ns', better: 'less' } as const;
/** Files of the image that are renamed, and as many others that are removed. */
const FILES = 100;
const LARGEST_SMALL = 65_536;
const NEW_FILES = 200;

/**
 * The life of a container: its start, what is done to files of the image, what becomes of the changes, its removal.
 * All of it is measured on the same one, because each sample of a driver that copies costs a copy.
 */
export function lifeWorkload(subject: Subject): Workload {
  return {
    name: 'life',
    rounds: FEWEST_ROUNDS,
    yields: [
      startOf(subject),
      {
        name: 'first-write',
        title: 'first write to a large file of the image',
        description: 'The largest file of the image is opened for writing in a new container, and one byte written.',
        group: 'files of the image',
        ...TIMES,
      },
      {
        name: 'image-rename',
        title: `rename ${FILES} files of the image`,
        description: `${FILES} files of the image of at most 64 KiB are given other names, in a new container.`,
        group: 'files of the image',
        ...TIMES,
      },
      {
        name: 'image-unlink',
        title: `remove ${FILES} files of the image`,
        description: `${FILES} other files of the image are removed, in the same container.`,
        group: 'files of the image',
        ...TIMES,
      },
      {
        name: 'diff',
        title: 'diff',
        description: `All changes of that container are listed, after ${NEW_FILES} new files were added.`,
        group: 'after the end',
        ...TIMES,
      },
      {
        name: 'commit',
        title: 'commit',
        description: 'A local image is made of that container.',
        group: 'after the end',
        ...TIMES,
      },
      {
        name: 'remove',
        title: 'remove',
        description: 'That container is removed, with all that it wrote.',
        group: 'after the end',
        ...TIMES,
      },
    ],
    open: async (candidate) => {
      const image = await subject.image();
      return { run: () => measure(subject, candidate, image), close: async () => {} };
    },
  };
}

async function measure(subject: Subject, candidate: string, image: string): Promise<Sample[]> {
  const { engine } = subject.context;
  const before = process.hrtime.bigint();
  const container = await IdleContainer.start(subject, candidate, { image, keep: true });
  const start = Number(process.hrtime.bigint() - before);
  const handle = await engine.container(container.id);
  try {
    const files = changeFiles(container);
    await container.end();
    const diff = await sample(() => nanoseconds(() => handle.diff()));
    const commit = await sample(() => timedCommit(subject, handle));
    return [start, ...files, diff, commit, await nanoseconds(() => handle.remove())];
  } finally {
    // Harmless where it has been removed.
    await handle.remove({ force: true });
  }
}

function changeFiles(container: IdleContainer): Sample[] {
  const { root } = container;
  const files = listFiles(root);
  const large = largestFile(files);
  const small = files.filter((file) => file !== large && file.size <= LARGEST_SMALL);
  const firstWrite = nanosecondsNow(() => writeByte(join(root, large.path)));
  const directory = container.makeDirectory();
  const renamed = onMany(small.slice(0, FILES), root, (path) => renameSync(path, `${path}.renamed`));
  const removed = onMany(small.slice(FILES, 2 * FILES), root, unlinkSync);
  addFiles(directory);
  return [firstWrite, renamed, removed];
}

function onMany(files: readonly ImageFile[], root: string, act: (path: string) => void): Sample {
  if (files.length < FILES) return `the image has fewer than ${2 * FILES} files of at most 64 KiB`;
  return nanosecondsNow(() => {
    for (const { path } of files) act(join(root, path));
  });
}

function writeByte(file: string): void {
  const fd = openSync(file, 'r+');
  try {
    writeSync(fd, 'x', 0);
  } finally {
    closeSync(fd);
  }
}

function addFiles(directory: string): void {
  const body = Buffer.alloc(4096, 'x');
  mkdirSync(join(directory, 'new'));
  for (let index = 0; index < NEW_FILES; index++) writeFileSync(join(directory, 'new', String(index)), body);
}

async function timedCommit({ context }: Subject, handle: ContainerHandle): Promise<number> {
  const name = context.imageName();
  const time = await nanoseconds(() => handle.commit({ name }));
  await context.engine.removeImage(name);
  return time;
}

/** What one driver or image cannot do says so, and the rest is measured all the same. */
async function sample(act: () => Promise<number>): Promise<Sample> {
  return act().catch((error: Error) => error.message);
}
