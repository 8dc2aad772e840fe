/** Everything for every kind of container: minutes more. Without it each point is tried in one kind that has it. */
export const ALL = process.env.TSBOX_FAULTS === 'all';

/** Who says which points are tried. */
export interface Points {
  of(sort: 'call' | 'op' | 'undo' | 'kill', points: readonly string[]): string[];
}

/** Which points are tried for one kind of container: those that no kind before it had, or all. */
export class Selection implements Points {
  readonly #tried = new Map<string, Set<string>>();

  /** Points of a sort that are to be tried now; they count as tried. */
  of(sort: string, points: readonly string[]): string[] {
    const tried = this.#tried.get(sort) ?? new Set();
    this.#tried.set(sort, tried);
    // Which step came before it says nothing about a call that is outside of steps.
    const sameAs = (point: string) => point.replace(/ in (after .*|running|engine) #/, ' #');
    const chosen = points.filter((point) => ALL || !tried.has(sameAs(point)));
    for (const point of points) tried.add(sameAs(point));
    return chosen;
  }
}

/** A share of numbered points: another one for each of the four kinds of container, or all. */
export function shareOf<Point>(points: readonly Point[], turn: number, kinds: number): Point[] {
  return points.filter((_, index) => ALL || index % kinds === turn % kinds);
}
