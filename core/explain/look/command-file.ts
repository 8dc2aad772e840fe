import { type ElfFile, parseElf } from '../../image/from-host/elf.js';
import type { ContainerFiles, FoundFile } from '../diagnosis.js';

/** A command as execvp(3) searches it. */
export interface CommandSearch {
  readonly argv: readonly string[];
  readonly path: string;
  readonly files: ContainerFiles;
}

/** What the kernel was asked to execute. */
export interface CommandFile {
  readonly path: string;
  readonly file: FoundFile;
  readonly elf: ElfFile | undefined;
  /** Of a script's first line, or of an ELF file. */
  readonly interpreter: string | undefined;
  readonly hasInterpreter: boolean;
}

/** BINPRM_BUF_SIZE: as far as the kernel reads a first line. */
const FIRST_LINE = 256;

export function firstCandidate({ argv, path, files }: CommandSearch): { path: string; file: FoundFile } | undefined {
  const name = argv[0] ?? '';
  const candidates = name.includes('/') ? [name] : path.split(':').map((directory) => `${directory || '.'}/${name}`);
  for (const candidate of candidates) {
    const file = files.find(candidate);
    if (file) return { path: candidate, file };
  }
  return undefined;
}

/** Undefined where no candidate is there. */
export function lookAtCommand(search: CommandSearch): CommandFile | undefined {
  const found = firstCandidate(search);
  if (!found) return undefined;
  const { path, file } = found;
  const elf = elfOf(file);
  const interpreter = elf ? elf.interpreter : scriptInterpreter(file);
  const hasInterpreter = interpreter !== undefined && search.files.find(interpreter) !== undefined;
  return { path, file, elf, interpreter, hasInterpreter };
}

/** Undefined for what is no ELF file, or one that makes no sense. */
export function elfOf(file: FoundFile): ElfFile | undefined {
  try {
    return parseElf((offset, length) => Buffer.from(file.read(offset, Math.min(length, 1 << 24)) ?? []));
  } catch {
    return undefined;
  }
}

function scriptInterpreter(file: FoundFile): string | undefined {
  const text = Buffer.from(file.read(0, FIRST_LINE) ?? []).toString('latin1');
  return /^#![ \t]*([^ \t\n]+)/.exec(text)?.[1];
}

const MACHINES = new Map([
  [2, 'sparc'],
  [3, 'i386'],
  [8, 'mips'],
  [20, 'ppc'],
  [21, 'ppc64'],
  [22, 's390'],
  [40, 'arm'],
  [62, 'x86-64'],
  [183, 'arm64'],
  [243, 'riscv'],
  [258, 'loongarch'],
]);

/** `e_machine` of elf(5) as people say it. */
export function machineName(machine: number): string {
  return MACHINES.get(machine) ?? `machine ${machine}`;
}
