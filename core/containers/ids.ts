import type { Host } from '../kernel/host.js';
import { outsideId } from '../plugin/id-maps.js';
import type { IdMapping, Json } from '../plugin/launch.js';
import type { ContainerDetails } from '../state/record.js';

/** Whom a file belongs to of whom the container knows nothing: overflowuid(5). */
const NOBODY = 65_534;

export interface Maps {
  readonly uids: readonly IdMapping[];
  readonly gids: readonly IdMapping[];
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Between ids as the container has them and ids as they are seen where its files are read. */
export class ContainerIds {
  readonly #maps: Maps | undefined;

  private constructor(maps: Maps | undefined) {
    this.#maps = maps;
  }

  /** Root's containers have on disk the ids that they have inside, an ordinary user's those outside. */
  static onDisk(host: Host, details: ContainerDetails): ContainerIds {
    return new ContainerIds(host.privileged ? undefined : mapsOf(details));
  }

  /** Through the mounts of a running container. */
  static running(details: ContainerDetails): ContainerIds {
    return new ContainerIds(mapsOf(details));
  }

  /** As the container has it. */
  inside({ uid, gid }: Owner): Owner {
    return { uid: reverse(uid, this.#maps?.uids), gid: reverse(gid, this.#maps?.gids) };
  }

  /** As it is to be written; undefined where the container has no such id. */
  outside({ uid, gid }: Owner): Owner | undefined {
    const [user, group] = [outsideId(uid, this.#maps?.uids), outsideId(gid, this.#maps?.gids)];
    return user === undefined || group === undefined ? undefined : { uid: user, gid: group };
  }

  /** Whether root inside is somebody else outside, for whom this process cannot make files. */
  get areForeign(): boolean {
    return outsideId(0, this.#maps?.uids) !== process.geteuid?.();
  }
}

function reverse(outside: number, maps: readonly IdMapping[] | undefined): number {
  if (!maps) return outside;
  const map = maps.find((range) => outside >= range.outside && outside < range.outside + range.size);
  return map ? map.inside + (outside - map.outside) : NOBODY;
}

/** The facts of the plugin "user-map": numbers in threes, inside, outside, size. */
export function mapsOf({ facts }: ContainerDetails): Maps | undefined {
  const known = facts['user-map'] as { readonly [key: string]: Json } | undefined;
  return known && { uids: mappings(known.uids), gids: mappings(known.gids) };
}

function mappings(value: Json | undefined): IdMapping[] {
  const numbers = Array.isArray(value) ? value.map(Number) : [];
  return Array.from({ length: numbers.length / 3 }, (_, index) => {
    const [inside = 0, outside = 0, size = 0] = numbers.slice(index * 3, index * 3 + 3);
    return { inside, outside, size };
  });
}
