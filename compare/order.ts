/**
 * The order of the candidates in a round. Each stands at every place equally often, and every second cycle runs
 * backwards, so that none always follows the same one and finds what that left behind.
 */
export function orderOfRound<Item>(items: readonly Item[], round: number): Item[] {
  const { length } = items;
  if (length === 0) return [];
  const first = round % length;
  const rotated = [...items.slice(first), ...items.slice(0, first)];
  const cycle = Math.floor(round / length);
  return cycle % 2 === 0 ? rotated : rotated.reverse();
}
