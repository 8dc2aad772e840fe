import type { Engine } from '../engine/index.js';
import { createVolume, type NewVolume } from '../volumes/create.js';
import { inspectVolume, listVolumes, type VolumeInfo } from '../volumes/list.js';
import { removeVolume } from '../volumes/remove.js';

/** Directories that outlive containers. Methods throw TsboxError. */
export class Volumes {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @returns its name */
  async create(volume: NewVolume = {}): Promise<string> {
    return createVolume(this.#engine.gate, this.#engine.paths.root, volume);
  }

  /** @param onError is told of each that cannot be read */
  async list(onError: (error: Error, name: string) => void = () => {}): Promise<VolumeInfo[]> {
    return listVolumes(this.#engine.paths.root, onError);
  }

  async inspect(name: string): Promise<VolumeInfo> {
    return inspectVolume(this.#engine.paths.root, name);
  }

  remove(name: string): Promise<void> {
    return removeVolume(this.#engine.gate, this.#engine.paths.root, name);
  }
}
