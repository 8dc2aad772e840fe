import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import {
  type Box,
  type BoxExecOptions,
  type BoxResult,
  createEngine,
  type LibraryEngine,
} from '../../../core/index.js';
import type { PluginDefinition } from '../../../core/plugin/index.js';
import { busyboxImage } from '../../support/image.js';
import type { TempRoot } from '../../support/temp-root.js';

/** An engine, an image, and containers in which things are executed. Called inside `describe`. */
export function executing(state: TempRoot, plugins: readonly PluginDefinition[] = []) {
  const image = join(state.directory, 'image');
  const warnings: string[] = [];
  let made: LibraryEngine | undefined;
  const boxes: Box[] = [];

  beforeAll(async () => {
    busyboxImage(image);
    const { root, runroot } = state;
    made = await createEngine({ root, runroot, plugins, onWarning: (message) => warnings.push(message) });
  });
  afterAll(async () => {
    for (const box of boxes) await box[Symbol.asyncDispose]();
    await made?.close();
  });

  const engine = () => made as LibraryEngine;
  /** A container that does nothing until the end of the file, or what it is told. */
  const start = async (options: Partial<Parameters<LibraryEngine['run']>[0]> = {}): Promise<Box> => {
    const box = await engine().run({ image, network: 'none', command: ['sleep', '600'], stdio: 'ignore', ...options });
    boxes.push(box);
    return box;
  };
  /** Runs a script, or a list, in a container and collects what it says. */
  const exec = async (
    box: Box,
    command: string | readonly string[],
    options: Partial<BoxExecOptions> = {},
  ): Promise<BoxResult> => {
    const argv = typeof command === 'string' ? ['sh', '-c', command] : command;
    const running = await engine().exec(box.id, { command: argv, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    return running.result();
  };
  return { image, engine, start, exec, warnings };
}

/** The hostile program, static, where a container of the image finds it. */
export function compileHunter(image: string): void {
  const sources = ['hunter.c', 'hunter-look.c'].map((name) => fileURLToPath(new URL(name, import.meta.url)));
  execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', '-static', '-o', join(image, 'bin/hunter'), ...sources]);
}
