import { type StdioOptions, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Arch } from '../../core/kernel/syscalls.js';
import { encode } from '../../core/program/encode.js';
import { arm64, x64 } from '../../core/program/launcher/images.js';
import { HEADER } from '../../core/program/layout.js';
import type { Program } from '../../core/program/program.js';

export interface LauncherRun {
  readonly status: number | null;
  /** One character for each byte. */
  readonly stdout: string;
  /** Index of the op that ran last. */
  readonly current: number;
  /** Index of the op that failed, or -1, and its errno. */
  readonly failed: number;
  readonly errno: number;
  /** What each op returned. */
  readonly outcomes: readonly number[];
}

export const IMAGES = { x64, arm64 } as const;
export const EMULATORS = { x64: '/usr/bin/qemu-x86_64-static', arm64: '/usr/bin/qemu-aarch64-static' } as const;

/** Runs a program without namespaces: natively where the machine is of that kind, else emulated. */
export function runProgram(program: Program, arch: Arch, directory: string): LauncherRun {
  const encoded = encode(program, arch);
  const file = join(directory, 'program');
  writeFileSync(file, encoded.bytes);
  const { status, stdout } = launch(file, arch, directory);
  const bytes = readFileSync(file);
  return {
    status,
    stdout,
    current: bytes.readInt32LE(HEADER.current),
    failed: bytes.readInt32LE(HEADER.failed),
    errno: bytes.readInt32LE(HEADER.error),
    outcomes: encoded.ops.map((_, i) => bytes.readInt32LE(encoded.outcomesOffset + i * 4)),
  };
}

/** Starts the launcher with a file as its program. */
export function launch(file: string, arch: Arch, directory: string): { status: number | null; stdout: string } {
  const launcher = join(directory, 'launcher');
  writeFileSync(launcher, Buffer.from(IMAGES[arch], 'base64'), { mode: 0o755 });
  const fd = openSync(file, 'r+'); // the launcher's mapping is shared and writable
  try {
    const [program, args] = arch === process.arch ? [launcher, []] : [EMULATORS[arch], [launcher]];
    const stdio: StdioOptions = ['ignore', 'pipe', 'inherit', fd];
    const { status, stdout, error } = spawnSync(program, args, { stdio, encoding: 'latin1', env: {} });
    if (error) throw error;
    return { status, stdout };
  } finally {
    closeSync(fd);
  }
}
