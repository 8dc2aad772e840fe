import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { TsboxError } from '../../plugin/error.js';
import { type ElfFile, readElf } from './elf.js';
import { isRegularFile } from './host-file.js';
import { LibraryFinder } from './libraries.js';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** The kernel reads so much of a script's first line: binfmt_script. */
const SCRIPT_LINE = 256;
const MAX_SCRIPT_DEPTH = 5;

/** Programs of this machine and everything that has to be there to start them. Paths keep their links. */
export class ProgramSet {
  readonly libraries = new LibraryFinder();
  readonly #paths = new Set<string>();
  readonly #search: readonly string[];

  /** @param path as `$PATH` */
  constructor(path: string = '') {
    this.#search = [...path.split(delimiter), ...DEFAULT_PATH.split(delimiter)].filter((it) => it.startsWith('/'));
  }

  /** Programs, interpreters and loaders; libraries are in {@link libraries}. */
  get paths(): readonly string[] {
    return [...this.#paths];
  }

  /** Adds a program by name or path with what it needs. @returns where it is @throws TsboxError */
  add(program: string): string {
    const path = this.#find(program);
    this.#addFile(path, 0);
    return path;
  }

  #find(program: string): string {
    if (program === '' || program.includes('\0')) throw cannotCopy(program, 'that is no name of a program');
    const candidates = program.includes('/')
      ? [resolve(program)]
      : this.#search.map((directory) => join(directory, program));
    const present = candidates.filter(isRegularFile);
    const executable = present.find((path) => allows(path, constants.X_OK));
    if (executable !== undefined && allows(executable, constants.R_OK)) return executable;
    if (executable !== undefined) throw cannotCopy(program, `${executable} is not readable for this user`);
    if (present[0] !== undefined)
      throw cannotCopy(program, `${present[0]} is not executable`, `chmod +x ${present[0]}`);
    const why = program.includes('/') ? 'there is no such file' : 'there is no such program in PATH';
    throw cannotCopy(program, why, 'install it first, or give its path');
  }

  #addFile(path: string, depth: number): void {
    if (this.#paths.has(path)) return;
    if (depth > MAX_SCRIPT_DEPTH) throw cannotCopy(path, 'it is a script whose interpreter is a script, and so on');
    this.#paths.add(path);
    const elf = headersOf(path);
    if (elf) this.#addElf(path, elf);
    else for (const interpreter of scriptInterpreters(path)) this.#addFile(this.#find(interpreter), depth + 1);
  }

  #addElf(path: string, elf: ElfFile): void {
    if (elf.interpreter !== undefined) this.#paths.add(this.#find(elf.interpreter));
    this.libraries.add(path, elf);
  }
}

function headersOf(path: string): ElfFile | undefined {
  try {
    return readElf(path);
  } catch (error) {
    if (error instanceof TsboxError) throw error;
    throw cannotCopy(path, error instanceof Error ? error.message : String(error));
  }
}

/** What `#!` names: the interpreter, and for env(1) the program that it will look for. */
export function scriptInterpreters(path: string): string[] {
  const [interpreter, ...words] = firstLine(path)
    .trim()
    .split(/[ \t]+/);
  if (!interpreter) return [];
  if (!interpreter.endsWith('/env')) return [interpreter];
  const program = words.find((word) => !word.startsWith('-') && !word.includes('='));
  return program === undefined ? [interpreter] : [interpreter, program];
}

/** The text after `#!`; empty for anything else. */
function firstLine(path: string): string {
  const buffer = Buffer.alloc(SCRIPT_LINE);
  const fd = openSync(path, 'r');
  try {
    const text = buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, 0));
    return text.startsWith('#!') ? (text.slice(2).split('\n')[0] ?? '') : '';
  } finally {
    closeSync(fd);
  }
}

function allows(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function cannotCopy(program: string, why: string, fix?: string): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', { what: `cannot copy ${program}`, why, ...(fix !== undefined && { fix }) });
}
