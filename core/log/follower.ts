import { fstatSync } from 'node:fs';
import type { LogEntry } from './entry.js';
import { closeLog, currentInode, type LogFile, openLog, pause, readPiece } from './files.js';
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
    let filter = this.#filter ?? this.#start();
    for (;;) {
      // Asked before reading: what was written before it was rotated away is then read.
      const complete = this.#isComplete();
      yield* this.#readFile(filter);
      if (!complete || !this.#next()) return;
      filter = this.#filter as EntryFilter;
    }
  }

  close(): void {
    closeLog(this.#files.splice(0));
  }

  #start(): EntryFilter {
    this.#files = openLog(this.directory);
    this.#filter = EntryFilter.make(this.#files, this.options);
    this.#index = this.#filter.start.file;
    this.#at = this.#filter.start.at;
    return this.#filter;
  }

  async *#readFile(filter: EntryFilter): AsyncGenerator<LogEntry[]> {
    const file = this.#files[this.#index];
    if (!file) return;
    // Somebody emptied it.
    if (fstatSync(file.fd).size < this.#at) this.#at = 0;
    for (;;) {
      const piece = readPiece(file, this.#at, Number.MAX_SAFE_INTEGER);
      if (!piece) return;
      this.#at = piece.next;
      yield filter.apply(piece.records, this.#index);
      await pause();
    }
  }

  /** Whether nothing will be written any more to the file that is read. */
  #isComplete(): boolean {
    if (this.#index + 1 < this.#files.length) return true;
    const inode = currentInode(this.directory);
    return inode !== undefined && inode !== this.#files[this.#index]?.inode;
  }

  /** Goes to the file that was begun next. @returns false when it is not there yet */
  #next(): boolean {
    if (this.#index + 1 === this.#files.length || this.#files.length === 0) {
      const current = this.#files[this.#index];
      const files = openLog(this.directory);
      // -1, all of them: it has been removed, and so may others have been that we never saw.
      const known = current ? files.findIndex(({ inode }) => inode === current.inode) : -1;
      const newer = files.splice(known + 1);
      closeLog(files);
      if (newer.length === 0) return false;
      this.close();
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
