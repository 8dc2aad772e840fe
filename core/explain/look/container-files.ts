import { closeSync, existsSync, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { LayerView } from '../../image/layer-view.js';
import type { Gate } from '../../kernel/gate.js';
import type { MountSpec } from '../../plugin/spec.js';
import type { ContainerFiles, FoundFile } from '../diagnosis.js';

/** A place of the container that shows something else than its image. */
interface Shown {
  readonly target: string;
  /** Undefined: an empty file system. */
  readonly source?: string;
  readonly flags: readonly string[];
}

export interface ContainerPlaces {
  /** Lowest first. */
  readonly layers: readonly string[];
  readonly mounts: readonly MountSpec[];
  /** Directories of volumes, by name. */
  readonly volumes: ReadonlyMap<string, string>;
  /** The mount whose flags hold for the image itself. */
  readonly store: string;
}

/** Files of a container as its command would have seen them, found in its layers, binds and volumes. */
export class LayeredFiles implements ContainerFiles {
  readonly #shown: readonly Shown[];

  constructor(
    readonly gate: Gate,
    readonly places: ContainerPlaces,
  ) {
    this.#shown = places.mounts.map((mount) => shownBy(mount, places.volumes));
  }

  find(path: string): FoundFile | undefined {
    try {
      return this.#find(path);
    } catch {
      return undefined;
    }
  }

  #find(path: string): FoundFile | undefined {
    const covers = ({ target }: Shown) => path === target || path.startsWith(`${target}/`);
    const cover = this.#shown.filter(covers).sort((a, b) => b.target.length - a.target.length)[0];
    if (!cover) return look(this.gate, this.places.layers, path, { origin: this.places.store, flags: [] });
    const { source, target, flags } = cover;
    if (source === undefined) return undefined;
    const place = { origin: realpathSync(source), flags };
    if (statSync(source).isDirectory()) return look(this.gate, [source], path.slice(target.length) || '/', place);
    return look(this.gate, [dirname(place.origin)], `/${basename(place.origin)}`, place);
  }
}

function shownBy(mount: MountSpec, volumes: ReadonlyMap<string, string>): Shown {
  const target = mount.target.replace(/\/+$/, '');
  if (mount.type === 'bind') return { target, source: mount.source, flags: [] };
  if (mount.type === 'tmpfs') return { target, flags: mount.options };
  const source = volumes.get(mount.name ?? '');
  return { target, flags: [], ...(source !== undefined && existsSync(source) && { source }) };
}

function look(
  gate: Gate,
  layers: readonly string[],
  path: string,
  place: Pick<FoundFile, 'origin' | 'flags'>,
): FoundFile | undefined {
  const view = new LayerView(gate, layers);
  return view.lookAt(path, (fd) => {
    const stat = fstatSync(fd);
    return {
      ...place,
      mode: stat.mode,
      isFile: stat.isFile(),
      isDirectory: stat.isDirectory(),
      read: (offset: number, length: number) => view.lookAt(path, (file) => readAt(file, offset, length)),
    };
  });
}

/** Through O_PATH first, as layer-view.ts does it: an image may hold fifos and devices. */
function readAt(pinned: number, offset: number, length: number): Uint8Array | undefined {
  if (!fstatSync(pinned).isFile()) return undefined;
  const fd = openSync(`/proc/self/fd/${pinned}`, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
  } finally {
    closeSync(fd);
  }
}
