/** Where a value stands in a file; lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
  /** False where code made the value: then this is the nearest thing around it that was written. */
  readonly exact: boolean;
}

/** Finds values in the text of one file. */
export type Finder = (path: readonly (string | number)[]) => Position | undefined;
