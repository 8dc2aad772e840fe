import { ALL, type Points } from './selection.js';

/** How many of a plugin's own points are tried, and how many of the others. */
const MOST = { call: [80, 16], op: [40, 16], undo: [40, 8], kill: [16, 8] } as const;

/** The points of one plugin, and some others. */
export class OwnPoints implements Points {
  constructor(readonly plugin: string) {}

  of(sort: keyof typeof MOST, points: readonly string[]): string[] {
    if (ALL) return [...points];
    const [own, others] = MOST[sort];
    const isOwn = (point: string) =>
      point.includes(` in ${this.plugin} `) ||
      point.includes(` in after ${this.plugin} `) ||
      point.includes(` of ${this.plugin} #`);
    const chosen = new Set([
      ...someOf(points.filter(isOwn), own),
      ...someOf(
        points.filter((point) => !isOwn(point)),
        others,
      ),
    ]);
    return points.filter((point) => chosen.has(point));
  }
}

/** At most so many, as far from each other as they can be; all where everything is asked for. */
export function someOf<Point>(points: readonly Point[], most: number): Point[] {
  if (ALL || points.length <= most) return [...points];
  return Array.from({ length: most }, (_, index) => points[Math.floor((index * points.length) / most)] as Point);
}
