import type { MonitorConfig } from './monitor.js';
import { BLOCKS, type BlockName, type Op } from './op.js';
import { type Author, Recorder } from './recorder.js';

/** A child program while it is recorded: one list of ops per block. */
export class Program {
  /** What stage one does after the clone; undefined: it ends. */
  monitor: MonitorConfig | undefined;
  readonly #blocks = new Map<BlockName, Op[]>(BLOCKS.map((name) => [name, []]));

  /** A recorder that attributes what it records to `author`. */
  recorder(block: BlockName, author: Author): Recorder {
    return new Recorder(block, this.block(block), author);
  }

  /** The ops of one block, in order. */
  block(name: BlockName): Op[] {
    return this.#blocks.get(name) as Op[];
  }

  /** All ops in the order of execution. */
  get ops(): readonly Op[] {
    return BLOCKS.flatMap((name) => this.block(name));
  }
}
