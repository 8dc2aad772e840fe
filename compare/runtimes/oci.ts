import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { versionOf } from './installed.js';
import { type HeldContainer, type Runtime, type RuntimeKind, type RuntimeLab, STAY } from './runtime.js';
import { output, Spawned } from './spawned.js';
import { startStaying } from './staying.js';

/** runc, crun, and what else takes their command line. */
export function ociRuntime(name: string): RuntimeKind {
  return {
    name,
    about: async () => `${await versionOf(name)}; the image is the root as it is, with no layer above it`,
    open: (lab) => new OciRuntime(name, lab),
  };
}

/** Runs bundles whose configuration says what tsbox would do. */
class OciRuntime implements Runtime {
  readonly #name: string;
  readonly #lab: RuntimeLab;
  readonly #spawned: Spawned;
  readonly #directory: string;
  readonly #bundles = new Map<string, Promise<string>>();

  constructor(name: string, lab: RuntimeLab) {
    this.#name = name;
    this.#lab = lab;
    this.#spawned = new Spawned(lab.context.signal);
    this.#directory = mkdtempSync(join(lab.context.scratch, `${name}-`));
  }

  async run(command: readonly string[], heard?: () => void): Promise<void> {
    await this.#call(['run', '--bundle', await this.#bundle(command), this.#newId()], heard);
  }

  async hold(): Promise<HeldContainer> {
    const id = this.#newId();
    const args = this.#arguments(['run', '--bundle', await this.#bundle(STAY), id]);
    return startStaying(this.#name, args, (command) => this.#call(['exec', id, ...command]));
  }

  /** What a run left that was interrupted: all of this state directory is ours. */
  async close(): Promise<void> {
    await this.#spawned.close();
    const listed = await output(this.#name, this.#arguments(['list', '--quiet']));
    for (const id of listed.split('\n').filter((line) => line !== '')) await this.#delete(id);
    rmSync(this.#directory, { recursive: true });
  }

  #newId(): string {
    return this.#lab.context.containerName(this.#name);
  }

  #call(args: readonly string[], heard?: () => void): Promise<void> {
    return this.#spawned.run(this.#name, this.#arguments(args), heard);
  }

  /** After an interrupt too. */
  async #delete(id: string): Promise<void> {
    await output(this.#name, this.#arguments(['delete', '--force', id]), 20_000);
  }

  #arguments(args: readonly string[]): string[] {
    return ['--root', join(this.#directory, 'state'), ...args];
  }

  /** One for each command, made when it is first run. */
  #bundle(command: readonly string[]): Promise<string> {
    const key = JSON.stringify(command);
    let bundle = this.#bundles.get(key);
    if (!bundle) {
      bundle = this.#makeBundle(command);
      this.#bundles.set(key, bundle);
    }
    return bundle;
  }

  async #makeBundle(command: readonly string[]): Promise<string> {
    const config = await this.#lab.subject.oci(command);
    const bundle = mkdtempSync(join(this.#directory, 'bundle-'));
    writeFileSync(join(bundle, 'config.json'), config);
    return bundle;
  }
}
