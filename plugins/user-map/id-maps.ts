import type { IdMapping, IdMaps } from '../../core/plugin/index.js';

/** The largest id: 2^32-1 means "no change" to chown(2) and setresuid(2). */
export const MAX_ID = 0xffff_fffe;
/** Linux 4.15; before, a map had 5 lines. user_namespaces(7) */
export const MAX_MAPPINGS = 340;

/** A run of ids of the host. */
export interface IdRange {
  readonly start: number;
  readonly size: number;
}

/** Which of the two maps something is about. */
export type MapName = 'uid' | 'gid';

/** Why a run of ids cannot exist, or undefined. */
export function rangeProblem({ start, size }: IdRange): string | undefined {
  if (!Number.isSafeInteger(start) || start < 0) return `${start} is not an id`;
  if (!Number.isSafeInteger(size) || size < 1) return `${size} is not a number of ids`;
  if (start + size - 1 > MAX_ID) return `${size} ids from ${start} go beyond the last one, ${MAX_ID}`;
  return undefined;
}

/** Ids 0 to size-1 inside are `uid`… and `gid`… outside. */
export function rangeMaps(uid: number, gid: number, size: number): IdMaps {
  return { uids: [{ inside: 0, outside: uid, size }], gids: [{ inside: 0, outside: gid, size }] };
}

/** Root inside is the caller outside, and nobody else exists. Needs no privilege. */
export function singleMaps(uid: number, gid: number): IdMaps {
  return { ...rangeMaps(uid, gid, 1), setgroups: 'deny' };
}

/** Root inside is the caller, ids from 1 on are the subordinate ones, in the order in which they are listed. */
export function subordinateMap(caller: number, ranges: readonly IdRange[]): IdMapping[] {
  const map: IdMapping[] = [{ inside: 0, outside: caller, size: 1 }];
  let inside = 1;
  for (const { start, size } of ranges) {
    // The kernel refuses a map in which an id appears twice.
    if (map.length === MAX_MAPPINGS || map.some((taken) => overlaps(taken, start, size))) continue;
    const fitting = Math.min(size, MAX_ID - inside + 1);
    map.push({ inside, outside: start, size: fitting });
    inside += fitting;
  }
  return map;
}

function overlaps(mapping: IdMapping, start: number, size: number): boolean {
  return start < mapping.outside + mapping.size && mapping.outside < start + size;
}

/** Whether every id outside that `map` uses is in one of `ranges`. */
export function isWithin(map: readonly IdMapping[], ranges: readonly IdRange[]): boolean {
  return map.every(({ outside, size }) => covered({ start: outside, size }, ranges));
}

/** Whether all ids of a run are in `ranges`, which may touch each other. */
export function covered(wanted: IdRange, ranges: readonly IdRange[]): boolean {
  let next = wanted.start;
  const end = wanted.start + wanted.size;
  while (next < end) {
    const range = ranges.find(({ start, size }) => next >= start && next < start + size);
    if (!range) return false;
    next = range.start + range.size;
  }
  return true;
}

/** As /proc/PID/uid_map takes it. */
export function formatMap(map: readonly IdMapping[]): string {
  return map.map(({ inside, outside, size }) => `${inside} ${outside} ${size}\n`).join('');
}

/** As numbers in threes, for records: inside, outside, size. */
export function flatMap(map: readonly IdMapping[]): number[] {
  return map.flatMap(({ inside, outside, size }) => [inside, outside, size]);
}

/** The ids that exist in the user namespace of this process. */
export function ownIds(read: (path: string) => string | undefined): {
  readonly uids: IdRange[];
  readonly gids: IdRange[];
} {
  const idsOf = (path: string) => parseMap(read(path) ?? '').map(({ inside, size }) => ({ start: inside, size }));
  return { uids: idsOf('/proc/self/uid_map'), gids: idsOf('/proc/self/gid_map') };
}

/** Parses /proc/PID/uid_map. */
export function parseMap(text: string): IdMapping[] {
  return text.split('\n').flatMap((line) => {
    const [, inside, outside, size] = /^(\d+)\s+(\d+)\s+(\d+)$/.exec(line.trim()) ?? [];
    return size === undefined ? [] : [{ inside: Number(inside), outside: Number(outside), size: Number(size) }];
  });
}
