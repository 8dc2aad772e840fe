import { dirname } from 'node:path';
import type { ElfFile } from '../../image/from-host/elf.js';
import type { ContainerFiles } from '../diagnosis.js';
import { elfOf } from './command-file.js';

const TRIPLETS: Readonly<Record<number, string>> = {
  62: 'x86_64-linux-gnu',
  183: 'aarch64-linux-gnu',
  3: 'i386-linux-gnu',
};
/** A program with more has something else in it. */
const MOST = 500;

export interface MissingLibrary {
  readonly name: string;
  readonly wantedBy: string;
}

/** The first library that the loader would not find: of the program, or of one of its libraries. */
export function missingLibrary(path: string, program: ElfFile, files: ContainerFiles): MissingLibrary | undefined {
  const cache = cacheOf(files);
  const seen = new Set<string>();
  const queue = [{ path, elf: program }];
  for (let next = queue.shift(); next && seen.size < MOST; next = queue.shift()) {
    for (const name of next.elf.needed) {
      if (seen.has(name)) continue;
      seen.add(name);
      const found = find(name, next, files, cache);
      if (found === undefined) return { name, wantedBy: next.path };
      queue.push(found);
    }
  }
  return undefined;
}

function find(
  name: string,
  { path, elf }: { path: string; elf: ElfFile },
  files: ContainerFiles,
  cache: string,
): { path: string; elf: ElfFile } | undefined {
  for (const candidate of candidates(name, path, elf, cache)) {
    const file = files.find(candidate);
    const library = file && elfOf(file);
    if (library && library.machine === elf.machine) return { path: candidate, elf: library };
  }
  return undefined;
}

/** As ld.so(8) searches; directories of ld.so.conf(5) by what ldconfig(8) found in them. */
function candidates(name: string, path: string, { machine, rpath, runpath }: ElfFile, cache: string): string[] {
  if (name.includes('/')) return [name];
  const triplet = TRIPLETS[machine];
  const standard = ['/lib', '/usr/lib', '/lib64', '/usr/lib64', '/usr/local/lib'];
  const own = [...rpath, ...runpath].map((each) => each.replace(/\$(ORIGIN|\{ORIGIN\})/, dirname(path)));
  const cached = cache.split('\0').filter((entry) => entry.endsWith(`/${name}`));
  const multiarch = triplet ? [`/lib/${triplet}`, `/usr/lib/${triplet}`, `/usr/local/lib/${triplet}`] : [];
  return [...cached, ...[...own, ...multiarch, ...standard].map((directory) => `${directory}/${name}`)];
}

function cacheOf(files: ContainerFiles): string {
  const bytes = files.find('/etc/ld.so.cache')?.read(0, 1 << 22);
  return bytes ? Buffer.from(bytes).toString('latin1') : '';
}
