import { lstatSync, mkdirSync, renameSync, truncateSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { LibcGate } from '../../core/kernel/libc-gate.js';
import { nanosecondsNow } from '../nanoseconds.js';
import { FEWEST_ROUNDS, type Workload } from '../workload.js';
import { IdleContainer } from './container.js';
import { install, PACKAGE_FILES, PACKAGES, writeCache } from './packages.js';
import { spreadBelow } from './spread.js';
import type { Subject } from './subject.js';

const ABOUT = { group: 'new files', unit: 'ns', better: 'less' } as const;

/** Not all: what was removed makes the files of the next round slower to make, see {@link spreadBelow}. */
const REMOVED = 500;

/** What `npm install` does with a cache, many small files in many directories; and calls on them that move no data. */
export function smallFilesWorkload(subject: Subject): Workload {
  const many = (name: string, title: string, count: number, what: string) => ({
    name,
    title: `${title} ${count} small files`,
    description: `Of the files that were unpacked before, ${PACKAGE_FILES} of ${PACKAGES} packages, ${count} are ${what}.`,
    ...ABOUT,
  });
  return {
    name: 'small-files',
    rounds: FEWEST_ROUNDS,
    yields: [
      {
        name: 'small-files',
        title: `unpack ${PACKAGE_FILES} small files`,
        description: `${PACKAGES} packages, each a tar file in the container, are unpacked into node_modules as an npm install from its cache does it: ${PACKAGE_FILES} files of 0.2 to 12 kB.`,
        ...ABOUT,
      },
      many('stat', 'stat', PACKAGE_FILES, 'looked at'),
      many('rename', 'rename', PACKAGE_FILES, 'given other names'),
      many('unlink', 'remove', REMOVED, 'removed'),
    ],
    open: async (candidate) => {
      const gate = new LibcGate();
      const container = await IdleContainer.start(subject, candidate);
      const directory = container.makeDirectory();
      const cache = join(directory, 'cache');
      writeCache(cache);
      let projects = 0;
      return {
        run: async () => {
          let files: string[] = [];
          const modules = join(directory, `project-${++projects}`, 'node_modules');
          mkdirSync(modules, { recursive: true });
          spreadBelow(gate, modules);
          const unpack = nanosecondsNow(() => {
            files = install(cache, modules);
          });
          const stat = onAll(files, (file) => lstatSync(file));
          const rename = onAll(files, (file) => renameSync(file, `${file}.renamed`));
          const renamed = files.map((file) => `${file}.renamed`);
          const unlink = onAll(renamed.slice(0, REMOVED), unlinkSync);
          // They stay until the container ends, and nothing of them need be written to the disk meanwhile.
          for (const file of renamed.slice(REMOVED)) truncateSync(file);
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
