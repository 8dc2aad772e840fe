import type { Engine } from '../engine/index.js';
import { treeSize } from '../kernel/tree/tree-size.js';
import { containerDirectory, readDetails } from '../state/record.js';
import type { ContainerSize } from './summary.js';

/** How much containers wrote; layers are looked at once for all of them. */
export class SizeReader {
  readonly #sizes = new Map<string, number>();

  constructor(readonly engine: Engine) {}

  /** @throws TsboxError ERR_TSBOX_STATE when its details are missing or damaged */
  async read(id: string): Promise<ContainerSize> {
    const { engine } = this;
    const directory = containerDirectory(engine.paths.root, id);
    const { spec, drivers, image } = readDetails(directory);
    const driver = await engine.driver('storage', drivers.storage.name);
    const userns = spec.drivers.userns !== 'host';
    const trees = driver.contents?.({ directory, image, userns }).flatMap(({ current }) => current) ?? [];
    const isOwn = (path: string): boolean => path.startsWith(`${directory}/`);
    const written = await this.#sum(trees.filter(isOwn));
    // The machine itself is an image too, of which nobody wants to know the size.
    return { written, total: image.host ? written : written + (await this.#sum(trees.filter((path) => !isOwn(path)))) };
  }

  async #sum(paths: readonly string[]): Promise<number> {
    let total = 0;
    for (const path of paths) total += await this.#size(path);
    return total;
  }

  /** Layers of several containers are looked at once. */
  async #size(path: string): Promise<number> {
    const size = this.#sizes.get(path) ?? (await treeSize(this.engine.gate, path));
    this.#sizes.set(path, size);
    return size;
  }
}
