import type { IdMapping } from './launch.js';

/**
 * The host's id for one of the container's, or undefined where the map has none.
 * Without a map (no user namespace) the two are the same.
 */
export function outsideId(inside: number, maps: readonly IdMapping[] | undefined): number | undefined {
  if (!maps) return inside;
  const map = maps.find((range) => inside >= range.inside && inside < range.inside + range.size);
  return map && map.outside + (inside - map.inside);
}
