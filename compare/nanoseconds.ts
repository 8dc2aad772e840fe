/** How long something takes. */
export async function nanoseconds(act: () => unknown): Promise<number> {
  const start = process.hrtime.bigint();
  await act();
  return Number(process.hrtime.bigint() - start);
}

/** The same, without a turn of the event loop in between. */
export function nanosecondsNow(act: () => void): number {
  const start = process.hrtime.bigint();
  act();
  return Number(process.hrtime.bigint() - start);
}
