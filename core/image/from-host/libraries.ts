import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TsboxError } from '../../plugin/error.js';
import { type ElfFile, readElf } from './elf.js';
import { isRegularFile } from './host-file.js';
import { configuredDirectories, defaultDirectories, muslDirectories } from './library-path.js';

/** A library as the dynamic loader would find it. */
export interface Library {
  /** As programs name it. */
  readonly name: string;
  /** Where it was found; links in it are not resolved. */
  readonly path: string;
  readonly elf: ElfFile;
}

/** Loaded at run time by glibc's own code, and so named in no header: name lookup, thread cancellation. */
const HIDDEN = ['libnss_files.so.2', 'libnss_dns.so.2', 'libgcc_s.so.1'];

/**
 * Finds the libraries that programs need, by the rules of ld.so(8) and without running anything:
 * ldd(1) may execute the program that it is asked about.
 */
export class LibraryFinder {
  readonly #found = new Map<string, Library>();
  readonly #visited = new Set<string>();

  /** All that were found, each once, by where they are. */
  get libraries(): Library[] {
    return [...this.#found.values()];
  }

  /** Follows the needs of a program. @throws TsboxError when a library is missing */
  add(path: string, elf: ElfFile): void {
    const musl = elf.interpreter !== undefined && basename(elf.interpreter).startsWith('ld-musl');
    const system = musl
      ? muslDirectories(elf.interpreter as string)
      : [...configuredDirectories(), ...defaultDirectories(elf.machine, elf.bits)];
    this.#follow(path, elf, [], system, path);
    if (elf.interpreter === undefined || musl) return;
    for (const name of HIDDEN) {
      const library = this.#search(name, elf, system);
      if (library) this.#keep(library, [], system, path);
    }
  }

  /** @param inherited DT_RPATH directories of those that loaded it */
  #follow(path: string, elf: ElfFile, inherited: readonly string[], system: readonly string[], program: string): void {
    // A library is followed once for each way of searching.
    const key = [path, ...inherited].join('\0');
    if (this.#visited.has(key)) return;
    this.#visited.add(key);
    const expand = (directories: readonly string[]) =>
      directories.flatMap((directory) => expandTokens(directory, path, elf));
    // DT_RUNPATH turns DT_RPATH off, also that of the loaders, and is not inherited.
    const rpath = elf.runpath.length > 0 ? [] : [...expand(elf.rpath), ...inherited];
    const passedOn = elf.runpath.length > 0 ? inherited : rpath;
    for (const name of elf.needed) {
      const library = this.#search(name, elf, [...rpath, ...expand(elf.runpath), ...system]);
      if (!library) throw missing(program, name, path);
      this.#keep(library, passedOn, system, program);
    }
  }

  #keep(library: Library, inherited: readonly string[], system: readonly string[], program: string): void {
    this.#found.set(library.path, library);
    this.#follow(library.path, library.elf, inherited, system, program);
  }

  #search(name: string, { machine, bits }: ElfFile, directories: readonly string[]): Library | undefined {
    const candidates = name.includes('/') ? [name] : directories.map((directory) => join(directory, name));
    for (const path of candidates) {
      if (!isRegularFile(path)) continue;
      const elf = readElf(path);
      if (elf && elf.machine === machine && elf.bits === bits) return { name, path, elf };
    }
    return undefined;
  }
}

/** $ORIGIN is where the file is; loaders differ on whether links are resolved first, so both count. */
function expandTokens(directory: string, path: string, { bits }: ElfFile): string[] {
  const origins = new Set([dirname(realpathSync(path)), dirname(path)]);
  const lib = bits === 64 ? 'lib64' : 'lib';
  return [...origins].map((origin) =>
    directory.replace(/\$(?:ORIGIN\b|\{ORIGIN\})/g, () => origin).replace(/\$(?:LIB\b|\{LIB\})/g, () => lib),
  );
}

function missing(program: string, library: string, neededBy: string): TsboxError {
  return new TsboxError('ERR_TSBOX_IMAGE_INVALID', {
    what: `cannot copy ${program}`,
    why: `${neededBy === program ? 'it' : neededBy} needs ${library}, which is in none of the library directories`,
    fix: `find / -name '${library}' shows where it is; add that directory to /etc/ld.so.conf.d/`,
  });
}
