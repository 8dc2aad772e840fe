import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect } from 'vitest';
import type { PlanEntry } from '../../core/engine/index.js';
import { LaunchView } from '../../core/engine/launch-state.js';
import { LibraryEngine } from '../../core/library/engine.js';
import type { BoxOptions } from '../../core/library/options.js';
import type { DriverTypes } from '../../core/plugin/index.js';
import type { DriverKind } from '../../core/plugin/spec.js';
import { engineOf } from '../support/faults/assembly.js';
import { OwnPaths } from '../support/faults/own-paths.js';
import { smallImage } from '../support/faults/small-image.js';
import { settledDifference, warmUp } from '../support/leaks/settled.js';
import { type Snapshot, takeSnapshot } from '../support/leaks/snapshot.js';
import type { ImageDescription, Subject } from './subject.js';

/** Longer than any single test of the suites takes on a slow machine. */
export const LONG = { timeout: 300_000 };
const SETUP_MS = 60_000;

/** What failed launches leave on purpose, for `tsbox explain last`. */
const KEPT = /^\/root\/failures/;

export interface Told {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly trace: readonly PlanEntry[];
}

/** Real launches of the real engine with the plugin in it, in a state of their own. */
export class Stage {
  #directory: string | undefined;
  #before: Snapshot | undefined;
  readonly #paths = new OwnPaths();
  #forget = () => {};
  #files: readonly string[] = [];
  #own: string | undefined;

  constructor(readonly subject: Subject) {
    beforeAll(() => this.#open(), SETUP_MS);
    afterAll(() => this.#close(), SETUP_MS);
  }

  /** Where state is kept, and whatever a suite puts beside it. */
  get directory(): string {
    return this.#directory as string;
  }

  /** What containers are made of: busybox. */
  get image(): string {
    const { kind, driver, description } = this.subject;
    if (kind !== 'image') return this.imageDirectory;
    const { rest = (directory: string) => directory } = description as Partial<ImageDescription>;
    return `${driver}:${rest(this.imageDirectory)}`;
  }

  get imageDirectory(): string {
    return `${this.#own}/image`;
  }

  get places() {
    return { root: `${this.directory}/root`, runroot: `${this.directory}/run` };
  }

  /** An engine, to be closed by who asks for it. */
  engine(subject = this.subject): LibraryEngine {
    return new LibraryEngine(engineOf(subject.assembly(), this.places), subject.values);
  }

  /** What a driver of a kind says that it can do. */
  async driver<Kind extends DriverKind>(kind: Kind): Promise<DriverTypes[Kind]> {
    await using engine = engineOf(this.subject.assembly(), this.places);
    return await engine.driver(kind, this.subject.driver);
  }

  /** `sh -c script` in a new container of a new engine. */
  async run(script: string, more: Partial<BoxOptions> = {}, subject = this.subject): Promise<Told> {
    const engine = this.engine(subject);
    try {
      const box = await engine.run({ image: this.image, command: ['sh', '-c', script], trace: true, ...more });
      const [stdout, stderr, end] = await Promise.all([
        text(box.stdout as NodeJS.ReadableStream),
        text(box.stderr as NodeJS.ReadableStream),
        box.wait(),
      ]);
      expect(end.undoErrors, 'failures while the container was taken back').toEqual([]);
      return { status: end.status, stdout, stderr, trace: box.trace ?? [] };
    } finally {
      await engine.close();
    }
  }

  /** Its containers end with their engine. */
  async isAttended(): Promise<boolean> {
    return this.subject.kind === 'network' && (await this.driver('network')).capabilities.attended === true;
  }

  /** The host, this process and the state are as they were before the first launch. */
  async expectNothingLeft(): Promise<void> {
    const files = [...this.#newFiles(), ...this.#paths.left()];
    if (files.length > 0) throw new Error(`containers left\n${files.join('\n')}`);
    const difference = await settledDifference(this.#before as Snapshot);
    if (difference) throw new Error(`the host is not as it was before the first launch\n${difference}`);
  }

  async #open(): Promise<void> {
    await warmUp();
    this.#forget = this.#watchSteps();
    this.#own = mkdtempSync(join(tmpdir(), 'tsbox-suite-'));
    this.#directory = this.subject.description.directory?.() ?? this.#own;
    smallImage(this.imageDirectory);
    this.#before = await takeSnapshot();
    await this.run('true');
    if (!(await this.isAttended())) await this.#runDetached();
    this.#files = filesBelow(this.places.root).concat(filesBelow(this.places.runroot));
  }

  /** Makes the directories that a state has from then on. */
  async #runDetached(): Promise<void> {
    await using engine = this.engine();
    const container = await engine.runDetached({ image: this.image, command: ['sleep', '60'], rm: false });
    await container.remove({ force: true });
  }

  #newFiles(): string[] {
    const now = filesBelow(this.places.root).concat(filesBelow(this.places.runroot));
    return now.filter((path) => !this.#files.includes(path) && !KEPT.test(path.replace(this.directory, '')));
  }

  /** Notes what steps of the plugin say that they act on. @returns what ends it */
  #watchSteps(): () => void {
    const { step } = LaunchView.prototype;
    const { name } = this.subject.plugin;
    const paths = this.#paths;
    LaunchView.prototype.step = function (this: LaunchView, given) {
      if (this.plugin === name) paths.seeAll([given.target, given.undo?.args]);
      return step.call(this, given) as never;
    };
    return () => {
      LaunchView.prototype.step = step;
    };
  }

  #close(): void {
    this.#forget();
    if (this.#own) rmSync(this.#own, { recursive: true, force: true });
  }
}

function filesBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((path) => join(directory, path));
}
