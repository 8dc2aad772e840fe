import { lstatSync, mkdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { LibcGate } from '../../core/kernel/libc-gate.js';
import { nanosecondsNow } from '../nanoseconds.js';
import { FEWEST_ROUNDS, type Workload } from '../workload.js';
import { IdleContainer } from './container.js';
import { install, PACKAGE_FILES, PACKAGES, writeCache } from './packages.js';
import { spreadBelow } from './spread.js';
import type { Subject } from './subject.js';

const ABOUT = { group: 'new files', unit: 'ns', better: 'less' } as const;

/** What `npm install` does with a cache, many small files in many directories; and calls on them that move no data. */
export function smallFilesWorkload(subject: Subject): Workload {
  const many = (name: string, title: string, what: string) => ({
    name,
    title: `${title} ${PACKAGE_FILES} small files`,
    description: `The files that were unpacked before, ${PACKAGE_FILES} of ${PACKAGES} packages, are ${what}.`,
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
      many('stat', 'stat', 'looked at'),
      many('rename', 'rename', 'given other names'),
      many('unlink', 'remove', 'removed'),
    ],
    open: async (candidate) => {
      const gate = new LibcGate();
      const container = await IdleContainer.start(subject, candidate);
      const directory = container.makeDirectory();
      const [cache, modules] = [join(directory, 'cache'), join(directory, 'node_modules')];
      writeCache(cache);
      return {
        run: async () => {
          let files: string[] = [];
          mkdirSync(modules);
          spreadBelow(gate, modules);
          const unpack = nanosecondsNow(() => {
            files = install(cache, modules);
          });
          const stat = onAll(files, (file) => lstatSync(file));
          const rename = onAll(files, (file) => renameSync(file, `${file}.renamed`));
          const unlink = onAll(files, (file) => unlinkSync(`${file}.renamed`));
          rmSync(modules, { recursive: true });
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
