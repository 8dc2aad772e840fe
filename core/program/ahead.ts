/**
 * What is made ahead of stage one, beside the engine's thread: a directory (mode 0755) whose parent is there, or lines
 * that are written to a file that is, each by a write(2) of its own. Absolute paths.
 */
export type AheadItem = { readonly path: string } | { readonly path: string; readonly lines: readonly string[] };
