import { type Host, kernelAtLeast } from '../../kernel/host.js';
import type { ChildProgram } from '../../program/child-program.js';
import type { StoredContainer, StoredTree } from '../contents.js';
import { TsboxError } from '../error.js';
import type { Launch } from '../launch.js';
import { hostContents } from './host-contents.js';
import { hostImageKey, partDirectories, recordHostImage, stackOf } from './host-image.js';
import { composedView, type HostPart, type HostTree, RealHostTree, wholeView } from './host-view.js';
import { type LayerPassing, MAX_LAYERS, recordOverlay } from './overlay-mount.js';
import { adoptAttributes } from './upper-directory.js';

export interface OverlayRootfsOptions {
  /**
   * A directory below the container's own, made by the driver, that the writable directories are in;
   * default: the container's own.
   */
  readonly below?: string;
  /** What tests choose: the way of older kernels, another machine. */
  readonly layerPassing?: LayerPassing;
  readonly hostTree?: () => HostTree;
}

/**
 * A rootfs that is an overlay: layers, shared and only read, below writable directories of the container's
 * own. For storage drivers that differ in where the layers come from, or in what the writable directories
 * are on. Of the image `host` it is the view of this machine.
 */
export class OverlayRootfs {
  readonly #views = new WeakMap<Launch['paths'], readonly HostPart[]>();

  constructor(
    readonly host: Host,
    readonly options: OverlayRootfsOptions = {},
  ) {}

  /** @throws TsboxError for an image that cannot be stacked */
  validate({ image: { layers, reference, host } }: Launch): void {
    if (host || (layers.length > 0 && layers.length <= MAX_LAYERS)) return;
    throw new TsboxError('ERR_TSBOX_IMAGE_INVALID', {
      what: `cannot stack the layers of ${reference}`,
      why: `it has ${layers.length}, and overlay takes 1 to ${MAX_LAYERS}`,
      ...(layers.length > MAX_LAYERS && { diagnosis: 'too-many-layers' }),
      fix: 'use --storage=copy, or build the image with fewer layers',
    });
  }

  /** Makes the writable directories, and sets `launch.rootfs`. */
  async prepare(launch: Launch): Promise<void> {
    const parts = this.#parts(launch);
    const names = parts.flatMap((part) => (part.kind === 'overlay' ? partDirectories(part.path) : []));
    const composed = parts[0]?.path !== '/';
    const writable = names.map((name) => this.#below(name));
    const own = [...writable, 'merged', ...(composed ? ['view'] : [])];
    launch.rootfs = `${launch.paths.container}/merged`;
    const layers = launch.image.host
      ? parts.filter(({ kind }) => kind === 'overlay').map(({ path }) => path)
      : launch.image.layers;
    for (const layer of layers) launch.trees.add(layer);
    await launch.duringClone(async () => {
      const made = await launch.directories(...own);
      // The upper directory has attributes of its own by now, which the container may have changed.
      if (launch.again) return;
      for (const part of parts) {
        const upper = part.kind === 'overlay' ? made[this.#below(partDirectories(part.path)[0])] : undefined;
        if (upper) await adoptAttributes(launch, launch.image.host ? part.path : topLayer(launch), upper);
      }
    });
  }

  /** What is recorded for the image `host` depends on what is mounted. */
  recordKey(launch: Launch): string {
    return launch.image.host ? hostImageKey(launch, this.#parts(launch)) : '';
  }

  /**
   * Records the overlay as the rootfs.
   * @param layers directories that stand for those of the image, which they show; lowest first
   */
  record(child: ChildProgram, launch: Launch, layers = launch.image.layers): void {
    const writable = `${launch.paths.container}/${this.#below('')}`.replace(/\/$/, '');
    if (launch.image.host) recordHostImage(child, launch, this.#parts(launch), writable, this.#passing);
    else child.rootfs(recordOverlay(child, stackOf(launch, writable, '/', layers), this.#passing));
  }

  /** What a driver's `contents` answers. */
  contents({ directory, image, userns }: StoredContainer): StoredTree[] {
    const marks = userns ? 'user' : 'trusted';
    const writable = `${directory}/${this.#below('')}`.replace(/\/$/, '');
    if (image.host) return hostContents(directory, writable, this.#tree(), marks);
    return [{ path: '/', base: image.layers, current: [...image.layers, `${writable}/upper`], marks }];
  }

  #below(name: string): string {
    return this.options.below === undefined ? name : `${this.options.below}/${name}`;
  }

  /** Any image but the host's is one overlay. The machine is looked at once per launch. */
  #parts(launch: Launch): readonly HostPart[] {
    if (!launch.image.host) return [{ kind: 'overlay', path: '/' }];
    let parts = this.#views.get(launch.paths);
    if (!parts) {
      const tree = this.#tree();
      parts = mountsAreLocked(launch) ? composedView(tree) : wholeView(tree);
      this.#views.set(launch.paths, parts);
    }
    return parts;
  }

  #tree(): HostTree {
    return this.options.hostTree?.() ?? new RealHostTree();
  }

  get #passing(): LayerPassing {
    return this.options.layerPassing ?? (kernelAtLeast(this.host, 6, 8) ? 'append' : 'descriptors');
  }
}

/** Copies of the host's mounts in a user namespace are; a tree that the engine hands over has none below it. */
function mountsAreLocked(launch: Launch): boolean {
  return launch.namespaces.has('user') && launch.idMaps?.idmapped !== true;
}

function topLayer(launch: Launch): string {
  return launch.image.layers.at(-1) as string;
}
