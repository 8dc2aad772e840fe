import { join } from 'node:path';
import type { ComparisonContext } from '../context.js';
import { writeIdleProgram } from '../idle-program.js';
import type { Makings } from './container.js';
import { MIX_TEXT, makeSyntheticImage } from './synthetic-image.js';

/** Fifty private copies of it fit on most disks. */
const IMAGE_OF_MANY = 50e6;

/** What all containers of a storage comparison are made of. Images are made when a workload first asks for them. */
export class Subject implements Makings {
  readonly #made = new Map<number, Promise<string>>();
  readonly idleProgram: string;

  constructor(
    readonly context: ComparisonContext,
    /** Of the image that is made where none was given. */
    readonly bytes: number,
  ) {
    this.idleProgram = join(context.scratch, 'idle');
    writeIdleProgram(this.idleProgram);
  }

  /** The user's, or one that is made. */
  image(): Promise<string> {
    const { image } = this.context.options;
    return image === undefined ? this.imageOf(this.bytes) : Promise.resolve(image);
  }

  /** That of which there will be many containers: where none was given, a small one. */
  imageOfMany(): Promise<string> {
    return this.context.options.image === undefined ? this.imageOf(this.bytesOfMany) : this.image();
  }

  get bytesOfMany(): number {
    return Math.min(IMAGE_OF_MANY, this.bytes);
  }

  /** A synthetic image of that size. */
  imageOf(bytes: number): Promise<string> {
    const made = this.#made.get(bytes) ?? this.#make(bytes);
    this.#made.set(bytes, made);
    return made;
  }

  /** For the report. */
  get about(): Readonly<Record<string, string | number>> {
    const { image } = this.context.options;
    return { image: image ?? `made for this: ${formatMegabytes(this.bytes)}, ${MIX_TEXT}` };
  }

  async #make(bytes: number): Promise<string> {
    this.context.onPreparing(`making an image of ${formatMegabytes(bytes)}`);
    return makeSyntheticImage(this, bytes);
  }
}

/** `500 MB`. */
export function formatMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1e5) / 10} MB`;
}
