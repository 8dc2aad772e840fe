import type { IdRange } from './id-maps.js';
import type { SubordinateIds } from './subordinate.js';

/** Ids for one container: `size` of each kind. */
export interface IdSlot {
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
}

/** As many ids as distributions use: every login and system id, and `nobody`, fits. */
export const SLOT_SIZE = 65_536;

/** Owners in /etc/subuid whose ids are for containers of root; podman(1) has `containers` too. */
export const POOL_OWNERS = ['tsbox', 'containers'] as const;

/**
 * Where nobody has set ids aside: the part of the 31-bit ids that systemd's table of ids
 * (UIDS-GIDS.md) leaves unused: above its containers' ids, below its foreign ones.
 */
export const DEFAULT_POOL: IdRange = { start: 0x7000_0000, size: 4094 * SLOT_SIZE };

/** The slots that root's containers may have; `tsbox` before `containers` before the default. */
export function poolSlots(idsOf: (owner: string) => SubordinateIds): IdSlot[] {
  for (const owner of POOL_OWNERS) {
    const { uids, gids } = idsOf(owner);
    const slots = pair(uids, gids);
    if (slots.length > 0) return slots;
  }
  return pair([DEFAULT_POOL], [DEFAULT_POOL]);
}

/** Cuts ranges into slots; where they are smaller than a slot, the largest of each kind is the only one. */
function pair(uids: readonly IdRange[], gids: readonly IdRange[]): IdSlot[] {
  const [uidStarts, gidStarts] = [cut(uids), cut(gids)];
  if (uidStarts.length > 0 && gidStarts.length > 0) {
    const count = Math.min(uidStarts.length, gidStarts.length);
    return uidStarts.slice(0, count).map((uid, index) => ({ uid, gid: gidStarts[index] as number, size: SLOT_SIZE }));
  }
  const [uid, gid] = [largest(uids), largest(gids)];
  return uid && gid ? [{ uid: uid.start, gid: gid.start, size: Math.min(uid.size, gid.size, SLOT_SIZE) }] : [];
}

function cut(ranges: readonly IdRange[]): number[] {
  return ranges.flatMap(({ start, size }) => {
    const count = Math.floor(size / SLOT_SIZE);
    return Array.from({ length: count }, (_, index) => start + index * SLOT_SIZE);
  });
}

function largest(ranges: readonly IdRange[]): IdRange | undefined {
  return ranges.toSorted((a, b) => b.size - a.size)[0];
}
