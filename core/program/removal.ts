/** What an undo removes: an empty directory, a cgroup say, or a directory with everything below it. */
export interface Removal {
  readonly kind: 'directory' | 'tree';
  /** Absolute. */
  readonly path: string;
}
