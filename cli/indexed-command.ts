import { Command, type Option } from 'commander';

/**
 * commander looks a flag up by trying all options, and does so for each that is added, as it may be there
 * already: with those of `run`, thousands of tries that V8 finds worth optimizing. This one has an index.
 */
export class IndexedCommand extends Command {
  readonly #options = new Map<string, Option>();
  #indexed = 0;

  /** Overrides what commander calls so itself, and does not declare. */
  _findOption(flag: string): Option | undefined {
    for (; this.#indexed < this.options.length; this.#indexed++) {
      const option = this.options[this.#indexed] as Option;
      for (const own of [option.short, option.long]) {
        if (own !== undefined && !this.#options.has(own)) this.#options.set(own, option);
      }
    }
    return this.#options.get(flag);
  }

  override createCommand(name?: string): IndexedCommand {
    return new IndexedCommand(name);
  }
}
