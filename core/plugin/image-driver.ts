import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import type { Driver } from './driver.js';
import type { ImageConfig } from './image.js';

/**
 * Where images come from, beside this machine, paths and local names: a reference `NAME:REST`, with the driver's
 * name, is resolved by it. A local image that has just this name comes first.
 */
export interface ImageDriver extends Driver {
  /**
   * Resolves a reference, before there is a launch: there is nothing yet that would be undone. What it makes stays,
   * below `context.directory`, where it must be whole or absent whatever happens.
   * @throws TsboxError ERR_TSBOX_IMAGE_NOT_FOUND, ERR_TSBOX_IMAGE_INVALID
   */
  resolve(reference: string, context: ImageRequest): Promise<ProvidedImage>;
}

export interface ImageRequest {
  /** What follows `NAME:`. */
  readonly rest: string;
  /** `<root>/images/.sources/<NAME>`: for what it keeps between launches. Not made yet; other users cannot look into it. */
  readonly directory: string;
  readonly gate: Gate;
  readonly host: Host;
  /** Nothing may be made: layers name the place where they would be. */
  readonly planning: boolean;
  /** Tells the user what of an image could not be kept. */
  warn(message: string): void;
}

/** An image as a driver gives it; the engine reads what it needs out of its layers. */
export interface ProvidedImage {
  /** Absolute paths of directories, lowest first. They stay for as long as a container is made of them. */
  readonly layers: readonly string[];
  /** What is left out is empty; without any of it, a shell where the image has one. */
  readonly config?: Partial<ImageConfig>;
}
