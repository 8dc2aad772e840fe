export type TarEntryType = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo';

/** A run of bytes of a sparse file that the archive holds; all else of the file is holes. */
export interface Segment {
  readonly offset: number;
  readonly length: number;
}

/** What the headers of one member say. Names are bytes, kept as latin1 strings. */
export interface TarMember {
  readonly type: TarEntryType;
  readonly name: string;
  readonly linkName: string;
  /** Permission bits, with set-user-id and the like. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of the file, with its holes. */
  readonly size: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint;
  readonly major: number;
  readonly minor: number;
  readonly attributes: ReadonlyMap<string, Buffer>;
}

/** A member with its content. */
export interface TarEntry extends TarMember {
  /** Where the content belongs in a sparse file; undefined: it is the file. */
  readonly segments?: readonly Segment[];
  /** What the archive holds of the file; what is not read of it is skipped. */
  readonly body: AsyncIterable<Buffer>;
}
