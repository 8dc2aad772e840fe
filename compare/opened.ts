/** What was opened, to be closed in the opposite order. */
export class Opened {
  readonly #closers: (() => unknown)[] = [];

  /** @param close is called once, also when what is opened later fails */
  add<Thing>(thing: Thing, close: (thing: Thing) => unknown): Thing {
    this.#closers.push(() => close(thing));
    return thing;
  }

  /** One that fails does not keep the others from being closed; the first failure is thrown. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Opens several things; when one fails, those before it are closed. */
export async function opening<Result>(open: (opened: Opened) => Promise<Result>): Promise<Result> {
  const opened = new Opened();
  try {
    return await open(opened);
  } catch (error) {
    await opened.close().catch(() => {});
    throw error;
  }
}
