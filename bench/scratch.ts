import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type LibraryEngine } from '../core/index.js';
import type { CreateOptions } from '../core/library/options.js';

/** A directory that is removed in the end, whatever happens. */
export async function withScratch(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tsbox-bench-'));
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** An engine with a state of its own in a directory. */
export function engineIn(directory: string, options: CreateOptions = {}): Promise<LibraryEngine> {
  mkdirSync(join(directory, 'root', 'containers'), { recursive: true });
  return createEngine({ ...statePlaces(directory), ...options });
}

export function statePlaces(directory: string): { readonly root: string; readonly runroot: string } {
  return { root: join(directory, 'root'), runroot: join(directory, 'run') };
}

/** The whole machine as an image, which every machine has, and a command that does nothing. */
export const HOST_TRUE = { image: 'host', command: ['/bin/true'], storage: 'overlay' } as const;
