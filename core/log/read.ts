import type { LogEntry } from './entry.js';
import { closeLog, type LogFile, openLog, pause, readPiece } from './files.js';
import { EntryFilter, type ReadLogOptions } from './filter.js';

/** What is in the log of a container: entries in the order in which they were written, over all its files. */
export async function* readLog(directory: string, options: ReadLogOptions = {}): AsyncGenerator<LogEntry> {
  const files = openLog(directory);
  try {
    const filter = EntryFilter.make(files, options);
    for (let file = filter.start.file; file < files.length; file++) {
      const opened = files[file] as LogFile;
      let at = file === filter.start.file ? filter.start.at : 0;
      for (;;) {
        const piece = readPiece(opened, at, opened.size);
        if (!piece) break;
        for (const entry of filter.apply(piece.records, file)) yield entry;
        at = piece.next;
        if (at < opened.size) await pause();
      }
    }
  } finally {
    closeLog(files);
  }
}
