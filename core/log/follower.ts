import type { LogEntry } from './entry.js';
import { closeLog, currentInode, type LogFile, openLog, readPiece } from './files.js';
import { EntryFilter, type ReadLogOptions } from './filter.js';

/** Reads a log that is being written: each time on from where it was, through rotations. */
export class Follower {
  /** The one that is read, and newer ones; open, so that their inodes are not given to others. */
  #files: LogFile[] = [];
  #filter: EntryFilter | undefined;
  /** Which of the files, and where in it. */
  #index = 0;
  #at = 0;

  constructor(
    readonly directory: string,
    readonly options: ReadLogOptions,
  ) {}

  /** All that is there and was not read yet, in batches. */
  async *read(): AsyncGenerator<LogEntry[]> {
    let filter = this.#filter ?? (await this.#start());
    for (;;) {
      // Asked before reading: what was written before it was rotated away is then read.
      const complete = await this.#isComplete();
      yield* this.#readFile(filter);
      if (!complete || !(await this.#next())) return;
      filter = this.#filter as EntryFilter;
    }
  }

  async close(): Promise<void> {
    await closeLog(this.#files.splice(0));
  }

  async #start(): Promise<EntryFilter> {
    this.#files = await openLog(this.directory);
    this.#filter = await EntryFilter.make(this.#files, this.options);
    this.#index = this.#filter.start.file;
    this.#at = this.#filter.start.at;
    return this.#filter;
  }

  async *#readFile(filter: EntryFilter): AsyncGenerator<LogEntry[]> {
    const file = this.#files[this.#index];
    if (!file) return;
    // Somebody emptied it.
    if ((await file.handle.stat()).size < this.#at) this.#at = 0;
    for (;;) {
      const piece = await readPiece(file, this.#at, Number.MAX_SAFE_INTEGER);
      if (!piece) return;
      this.#at = piece.next;
      yield filter.apply(piece.records, this.#index);
    }
  }

  /** Whether nothing will be written any more to the file that is read. */
  async #isComplete(): Promise<boolean> {
    if (this.#index + 1 < this.#files.length) return true;
    const inode = await currentInode(this.directory);
    return inode !== undefined && inode !== this.#files[this.#index]?.inode;
  }

  /** Goes to the file that was begun next. @returns false when it is not there yet */
  async #next(): Promise<boolean> {
    if (this.#index + 1 === this.#files.length || this.#files.length === 0) {
      const current = this.#files[this.#index];
      const files = await openLog(this.directory);
      // -1, all of them: it has been removed, and so may others have been that we never saw.
      const known = current ? files.findIndex(({ inode }) => inode === current.inode) : -1;
      const newer = files.splice(known + 1);
      await closeLog(files);
      if (newer.length === 0) return false;
      await this.close();
      this.#files = newer;
      this.#filter = this.#filter?.fromBeginning();
      this.#index = 0;
    } else {
      this.#index++;
    }
    this.#at = 0;
    return true;
  }
}
