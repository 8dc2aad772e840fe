/** A signal ends the next sample with an error, so that everything is taken back on the way out. */
let signalled: NodeJS.Signals | undefined;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    signalled = name;
  });
}

/** @throws Error when it is time to end */
export function throwIfInterrupted(): void {
  if (signalled) throw new Error(`interrupted by ${signalled}`);
}
