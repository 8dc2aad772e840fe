/** The part of an OCI image config that a launch uses (image-spec config.md). */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: readonly string[];
  readonly workdir: string;
  readonly user: string;
}

/**
 * An image, resolved: an ordered list of layers and a config. That is all a storage driver sees.
 */
export interface ResolvedImage {
  /** As the user wrote it. */
  readonly reference: string;
  /** Directories, lowest first. */
  readonly layers: readonly string[];
  readonly config: ImageConfig;
  /**
   * The machine's own root. An overlay shows one file system only, so other mounts below `/`
   * need overlays of their own; the storage driver composes the view.
   */
  readonly host: boolean;
  /** A file of the image as a container will see it, links resolved inside; undefined if missing. */
  readFile(path: string): string | undefined;
}
