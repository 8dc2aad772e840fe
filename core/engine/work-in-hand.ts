/** How many launches and ends of containers an engine is busy with. Containers that run are nothing to be busy with. */
export class WorkInHand {
  #count = 0;

  /** Whether there is more of it than what asks: its thread is not idle while that waits. */
  get isShared(): boolean {
    return this.#count > 1;
  }

  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#count++;
    try {
      return await work();
    } finally {
      this.#count--;
    }
  }
}
