import {
  type ChildProgram,
  type Host,
  kernelAtLeast,
  type Launch,
  type StatePaths,
  type StorageDriver,
  type StoredContainer,
  type StoredTree,
  type Support,
  TsboxError,
} from '../../core/plugin/index.js';
import { hostContents } from './host-contents.js';
import { partDirectories, recordHostImage } from './host-image.js';
import { composedView, type HostPart, type HostTree, RealHostTree, wholeView } from './host-view.js';
import { type LayerPassing, MAX_LAYERS, type OverlayStack, recordOverlay } from './overlay-mount.js';
import { overlaySupport, storeSupport } from './overlay-support.js';
import { adoptAttributes } from './upper-directory.js';

/** What tests choose: the way of older kernels, another machine. */
export interface OverlayOptions {
  readonly layerPassing?: LayerPassing;
  readonly hostTree?: () => HostTree;
}

/** The image's layers, read-only and shared, below a writable directory of the container's own. */
export class OverlayDriver implements StorageDriver {
  readonly capabilities = { layers: true, unprivileged: true, clone: 'constant-time' } as const;
  readonly #views = new WeakMap<Launch['paths'], readonly HostPart[]>();

  constructor(
    readonly host: Host,
    readonly paths: StatePaths,
    readonly options: OverlayOptions = {},
  ) {}

  check(): Support {
    return overlaySupport(this.host, this.paths.root);
  }

  validate(launch: Launch): void {
    const { layers, reference, host } = launch.image;
    const store = storeSupport(launch.paths.container);
    if (!store.works) {
      throw new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', {
        what: 'cannot use storage overlay',
        why: store.reason,
        fix: store.fix,
      });
    }
    if (host || (layers.length > 0 && layers.length <= MAX_LAYERS)) return;
    throw new TsboxError('ERR_TSBOX_IMAGE_INVALID', {
      what: `cannot stack the layers of ${reference}`,
      why: `it has ${layers.length}, and overlay takes 1 to ${MAX_LAYERS}`,
      fix: 'use --storage=copy, or build the image with fewer layers',
    });
  }

  async prepare(launch: Launch): Promise<void> {
    const parts = this.#parts(launch);
    const names = parts.flatMap((part) => (part.kind === 'overlay' ? partDirectories(part.path) : []));
    const composed = parts[0]?.path !== '/';
    const made = await launch.directories(...names, 'merged', ...(composed ? ['view'] : []));
    launch.rootfs = made.merged as string;
    const layers = launch.image.host
      ? parts.filter(({ kind }) => kind === 'overlay').map(({ path }) => path)
      : launch.image.layers;
    for (const layer of layers) launch.trees.add(layer);
    // The upper directory has attributes of its own by now, which the container may have changed.
    if (launch.again) return;
    for (const part of parts) {
      const upper = part.kind === 'overlay' ? made[partDirectories(part.path)[0]] : undefined;
      if (upper) await adoptAttributes(launch, launch.image.host ? part.path : topLayer(launch), upper);
    }
  }

  record(child: ChildProgram, launch: Launch): void {
    if (launch.image.host) {
      recordHostImage(child, launch, this.#parts(launch), this.#passing);
      return;
    }
    const { container } = launch.paths;
    const stack: OverlayStack = {
      layers: launch.image.layers,
      upper: `${container}/upper`,
      work: `${container}/work`,
      userxattr: launch.namespaces.has('user'),
      volatile: launch.spec.remove,
      place: launch.rootfs as string,
    };
    child.rootfs(recordOverlay(child, stack, this.#passing));
  }

  contents(container: StoredContainer): StoredTree[] {
    const { directory, image, userns } = container;
    const marks = userns ? 'user' : 'trusted';
    if (image.host) return hostContents(directory, this.#tree(), marks);
    return [{ path: '/', base: image.layers, current: [...image.layers, `${directory}/upper`], marks }];
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
