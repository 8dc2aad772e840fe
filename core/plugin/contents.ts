import type { ResolvedImage } from './image.js';

/** A container as a storage driver is asked about it, running or not, by any process. */
export interface StoredContainer {
  /** `<root>/containers/<id>`. */
  readonly directory: string;
  readonly image: Omit<ResolvedImage, 'readFile'>;
  /** It has a user namespace. */
  readonly userns: boolean;
}

/**
 * One file system of a container: what its image has there, and what the container has. Both are stacks
 * of directories, lowest first, that are read by overlay's rules: an upper name hides lower ones,
 * directories of one name are merged, a character device 0:0 hides what is below and itself.
 */
export interface StoredTree {
  /** Where it is in the container: `/`, and where a view has several, `/home`. */
  readonly path: string;
  readonly base: readonly string[];
  /** Where it begins with `base`, what only `base` has is known to be unchanged. */
  readonly current: readonly string[];
  /** The namespace of overlay's marks in these directories. */
  readonly marks: 'trusted' | 'user';
}
