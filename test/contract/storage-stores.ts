import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Engine } from '../../core/engine/index.js';
import type { Launch, ResolvedImage, StorageDriver } from '../../core/plugin/index.js';
import { engineOf } from '../support/faults/assembly.js';
import { benchLaunch, gate, host, type RunResult, runAtRoot, type Taken } from './storage-bench.js';
import type { Subject } from './subject.js';

/** What a storage driver may leave out, where its description says so. */
export type StorageLack = 'holes' | 'names of 255 bytes';

interface Held {
  readonly taken: Taken[];
  readonly root: string;
  readonly runroot: string;
}

/** Stores for a storage driver alone: nothing else of a launch is there, and the host's programs look at the rootfs. */
export class Stores {
  #base = '';
  #count = 0;
  readonly #engines: Engine[] = [];
  readonly #held: Held[] = [];

  constructor(
    readonly subject: Subject,
    readonly lacks: readonly StorageLack[],
  ) {
    beforeAll(() => this.#open());
    afterEach(async () => {
      for (const { taken, root, runroot } of this.#held.splice(0)) await this.#takeBack(taken, { root, runroot });
      for (const engine of this.#engines.splice(0)) await engine.close();
    });
    afterAll(() => rmSync(this.#base, { recursive: true, force: true }));
  }

  /** A place for images beside the stores. */
  place(name: string): string {
    return join(this.#base, name);
  }

  newStore(): string {
    return this.place(`store-${this.#count++}`);
  }

  /** The driver of an engine that has its state there. */
  async driver(store: string): Promise<StorageDriver> {
    const engine = engineOf(this.subject.assembly(), { root: store, runroot: join(store, 'run') });
    this.#engines.push(engine);
    return engine.driver('storage', this.subject.driver);
  }

  launch(store: string, image: ResolvedImage): Launch {
    const taken: Taken[] = [];
    this.#held.push({ taken, root: store, runroot: join(store, 'run') });
    return benchLaunch(store, image, taken);
  }

  async run(image: ResolvedImage, script: string, store = this.newStore()): Promise<RunResult> {
    return runAtRoot(await this.driver(store), this.launch(store, image), script);
  }

  /** Takes back all that launches took so far. */
  async takeBack(): Promise<void> {
    for (const { taken, root, runroot } of this.#held) await this.#takeBack(taken.splice(0), { root, runroot });
  }

  async #takeBack(taken: readonly Taken[], paths: { readonly root: string; readonly runroot: string }): Promise<void> {
    const { undo = {} } = this.subject.plugin;
    for (const { kind, args } of taken) await undo[kind]?.(args, { gate, host, ...paths });
  }

  #open(): void {
    const directory = this.subject.description.directory?.() ?? tmpdir();
    mkdirSync(directory, { recursive: true });
    this.#base = mkdtempSync(join(directory, 'tsbox-stores-'));
  }
}
