import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { nanosecondsNow } from '../nanoseconds.js';
import { FEWEST_ROUNDS, type Workload } from '../workload.js';
import { IdleContainer } from './container.js';
import type { Subject } from './subject.js';

const ABOUT = { group: 'new files', unit: 'ns', better: 'less' } as const;
const DIRECTORIES = 50;
const PER_DIRECTORY = 20;
const FILES = DIRECTORIES * PER_DIRECTORY;
/** What a package of JavaScript is like. */
const SIZES = [200, 700, 1500, 4000, 12_000];

/** What `npm install` does with a cache, many small files in many directories; and calls on them that move no data. */
export function smallFilesWorkload(subject: Subject): Workload {
  const many = (name: string, title: string, what: string) => ({
    name,
    title: `${title} ${FILES} small files`,
    description: `The files that were unpacked before, ${FILES} in ${DIRECTORIES} directories, are ${what}.`,
    ...ABOUT,
  });
  return {
    name: 'small-files',
    rounds: FEWEST_ROUNDS,
    yields: [
      {
        name: 'small-files',
        title: `unpack ${FILES} small files`,
        description: `A tree of ${FILES} files of 0.2 to 12 kB in ${DIRECTORIES} directories is copied in the container, as an npm install from a cache does it.`,
        ...ABOUT,
      },
      many('stat', 'stat', 'looked at'),
      many('rename', 'rename', 'given other names'),
      many('unlink', 'remove', 'removed'),
    ],
    open: async (candidate) => {
      const container = await IdleContainer.start(subject, candidate);
      const directory = container.makeDirectory();
      const [source, target] = [join(directory, 'source'), join(directory, 'target')];
      writeTree(source);
      return {
        run: async () => {
          let files: string[] = [];
          const unpack = nanosecondsNow(() => {
            files = copyTree(source, target);
          });
          const stat = onAll(files, (file) => lstatSync(file));
          const rename = onAll(files, (file) => renameSync(file, `${file}.renamed`));
          const unlink = onAll(files, (file) => unlinkSync(`${file}.renamed`));
          rmSync(target, { recursive: true });
          return [unpack, stat, rename, unlink];
        },
        close: () => container.end(),
      };
    },
  };
}

function onAll(files: readonly string[], act: (file: string) => void): number {
  return nanosecondsNow(() => {
    for (const file of files) act(file);
  });
}

function writeTree(tree: string): void {
  for (let directory = 0; directory < DIRECTORIES; directory++) {
    const below = join(tree, `package-${directory}`);
    mkdirSync(below, { recursive: true });
    for (let index = 0; index < PER_DIRECTORY; index++)
      writeFileSync(join(below, `${index}.js`), Buffer.alloc(SIZES[index % SIZES.length] as number, 'x'));
  }
}

/** @returns the paths of the new files */
function copyTree(source: string, target: string): string[] {
  const files: string[] = [];
  mkdirSync(target);
  for (const name of readdirSync(source)) {
    mkdirSync(join(target, name));
    for (const file of readdirSync(join(source, name))) {
      const copy = join(target, name, file);
      writeFileSync(copy, readFileSync(join(source, name, file)));
      files.push(copy);
    }
  }
  return files;
}
