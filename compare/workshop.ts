import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LibraryEngine } from '../core/index.js';
import { hasCode } from '../core/kernel/error.js';
import type { Gate } from '../core/kernel/gate.js';
import { LibcGate } from '../core/kernel/libc-gate.js';
import { namesIn } from '../core/kernel/names-in.js';
import { randomBytes } from '../core/kernel/random.js';

const LOCK_EX_NB = 2 | 4;
/** Of every container of a comparison; its value is the comparison's id. */
export const LABEL = 'tsbox.compare';

/**
 * What a comparison makes on the host: containers with its label, images whose names it has written down before,
 * and files below `<root>/compare/<id>`. That directory is locked as long as the comparison lives, so that the next
 * one knows what a killed one has left.
 */
export class Workshop {
  readonly id: string;
  readonly #engine: LibraryEngine;
  readonly #directory: string;
  readonly #lock: number;
  #containers = 0;
  #images = 0;

  private constructor(engine: LibraryEngine, gate: Gate) {
    this.#engine = engine;
    this.id = randomBytes(gate, 4).toString('hex');
    this.#directory = join(homeOf(engine), this.id);
    mkdirSync(this.scratch, { recursive: true, mode: 0o700 });
    this.#lock = openSync(this.#directory, 'r');
    gate.call('flock', this.#lock, LOCK_EX_NB);
  }

  /** Takes back first what killed comparisons left. */
  static async open(engine: LibraryEngine, warn: (message: string) => void): Promise<Workshop> {
    const gate = new LibcGate();
    for (const id of namesIn(homeOf(engine))) await removeAbandoned(engine, gate, id, warn);
    return new Workshop(engine, gate);
  }

  /** Empty at first. */
  get scratch(): string {
    return join(this.#directory, 'scratch');
  }

  get label(): string {
    return `${LABEL}=${this.id}`;
  }

  containerName(candidate: string): string {
    this.#containers++;
    return `compare-${this.id}-${candidate.replaceAll(/[^a-zA-Z0-9_.-]/g, '-')}-${this.#containers}`;
  }

  /** Written down before there is such an image. */
  imageName(): string {
    this.#images++;
    const name = `compare-${this.id}:${this.#images}`;
    appendFileSync(join(this.#directory, 'images'), `${name}\n`);
    return name;
  }

  /** Takes everything back. @returns what could not be, in words */
  async close(): Promise<string[]> {
    const problems = await removeAll(this.#engine, this.id);
    closeSync(this.#lock);
    return problems;
  }
}

function homeOf(engine: LibraryEngine): string {
  return join(engine.paths.root, 'compare');
}

async function removeAbandoned(
  engine: LibraryEngine,
  gate: Gate,
  id: string,
  warn: (message: string) => void,
): Promise<void> {
  const lock = openSync(join(homeOf(engine), id), 'r');
  try {
    if (gate.attempt('flock', lock, LOCK_EX_NB) < 0) return;
    for (const problem of await removeAll(engine, id)) warn(`what an earlier comparison left: ${problem}`);
  } finally {
    closeSync(lock);
  }
}

async function removeAll(engine: LibraryEngine, id: string): Promise<string[]> {
  const directory = join(homeOf(engine), id);
  const problems: string[] = [];
  const attempt = async (what: string, act: () => Promise<void> | void) => {
    try {
      await act();
    } catch (error) {
      if (!hasCode(error, 'ERR_TSBOX_NO_SUCH_CONTAINER', 'ERR_TSBOX_IMAGE_NOT_FOUND'))
        problems.push(`${what}: ${(error as Error).message}`);
    }
  };
  const containers = (await engine.list()).filter(({ labels }) => labels[LABEL] === id);
  for (const { id: container, name } of containers) {
    const remove = async () => (await engine.container(container)).remove({ force: true });
    await attempt(`container ${name}`, remove);
  }
  for (const name of readIfThere(join(directory, 'images')).split('\n').filter(Boolean))
    await attempt(`image ${name}`, () => engine.removeImage(name, { force: true }));
  // Their names are still needed by whoever tries again.
  if (problems.length === 0) await attempt(directory, () => rmSync(directory, { recursive: true, force: true }));
  await attempt(homeOf(engine), () => removeIfEmpty(homeOf(engine)));
  return problems;
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'ENOENT')) throw error;
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
}
