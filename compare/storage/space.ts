import { closeSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LibcGate } from '../../core/kernel/libc-gate.js';
import type { Sample, Workload } from '../workload.js';
import { IdleContainer } from './container.js';
import { canClone, type DiskUsage, freeBytes, treeUsage, usedBytes } from './disk-usage.js';
import { formatMegabytes, type Subject } from './subject.js';

export const COUNTS = [1, 10, 50];
/** Of the free space, at most: what others write meanwhile must have room. */
const MOST_OF_FREE = 0.8;
const AT_ONCE = 5;
/** They have their own owners, and are not what a container takes. */
const NOT_OURS = ['compare', 'images', 'volumes', 'containers'];

/** What containers of one image take on disk. Nothing is left to chance in it: one look is enough. */
export function spaceWorkload(subject: Subject): Workload {
  const { paths, scratch, options } = subject.context;
  const image = options.image === undefined ? `an image of ${formatMegabytes(subject.bytesOfMany)}` : 'the image';
  const clones = canClone(scratch);
  const how = clones
    ? 'the difference in what the file system says is in use, because files share blocks on it'
    : 'blocks of all files of the containers, and of what the driver keeps beside them';
  return {
    name: 'space',
    rounds: 1,
    yields: COUNTS.flatMap((count) => [
      {
        name: `disk-${count}`,
        title: `disk space of ${count} ${count === 1 ? 'container' : 'containers'}`,
        description: `Bytes that ${count} running containers of ${image} take on disk: ${how}. What is in memory does not count.`,
        ...({ group: 'space', unit: 'bytes', better: 'less' } as const),
        parameter: { series: 'disk', label: 'containers', value: count },
      },
      {
        name: `inodes-${count}`,
        title: `inodes of ${count} ${count === 1 ? 'container' : 'containers'}`,
        description: `Files and directories on disk of ${count} running containers of ${image}.`,
        ...({ group: 'space', unit: 'count', better: 'less' } as const),
        parameter: { series: 'inodes', label: 'containers', value: count },
      },
    ]),
    open: async (candidate) => ({
      run: () => new SpaceCount(subject, candidate, { root: paths.root, clones }).measure(),
      close: async () => {},
    }),
  };
}

class SpaceCount {
  readonly #containers: IdleContainer[] = [];
  readonly #gate = new LibcGate();

  constructor(
    readonly subject: Subject,
    readonly candidate: string,
    readonly place: { readonly root: string; readonly clones: boolean },
  ) {}

  async measure(): Promise<Sample[]> {
    await this.subject.imageOfMany();
    const samples: Sample[] = [];
    const before = await this.#look();
    try {
      let last: DiskUsage = { bytes: 0, inodes: 0 };
      for (const count of COUNTS) {
        const refusal = this.#refuse(count, last);
        if (refusal !== undefined) {
          samples.push(refusal, refusal);
          continue;
        }
        await this.#startUpTo(count);
        const now = await this.#look();
        last = { bytes: Math.max(0, now.bytes - before.bytes), inodes: now.inodes - before.inodes };
        samples.push(last.bytes, last.inodes);
      }
      return samples;
    } finally {
      await endAll(this.#containers);
    }
  }

  /** Why there cannot be so many. */
  #refuse(count: number, last: DiskUsage): string | undefined {
    const each = last.bytes / Math.max(1, this.#containers.length);
    const more = each * (count - this.#containers.length);
    const free = freeBytes(this.place.root);
    if (more <= free * MOST_OF_FREE) return undefined;
    const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
    return `${count} containers would take ${gigabytes(each * count)}, and ${gigabytes(free)} are free`;
  }

  /** Several at once; what has started is known also where another one fails. */
  async #startUpTo(count: number): Promise<void> {
    const image = await this.subject.imageOfMany();
    while (this.#containers.length < count) {
      const more = Math.min(AT_ONCE, count - this.#containers.length);
      const starts = Array.from({ length: more }, () => IdleContainer.start(this.subject, this.candidate, { image }));
      const started = await Promise.allSettled(starts);
      for (const one of started) if (one.status === 'fulfilled') this.#containers.push(one.value);
      for (const one of started) if (one.status === 'rejected') throw one.reason;
    }
  }

  async #look(): Promise<DiskUsage> {
    const { root, clones } = this.place;
    if (clones) this.#sync(root);
    const usage = await treeUsage([...this.#own(), ...this.#beside()]);
    return clones ? { ...usage, bytes: usedBytes(root) } : usage;
  }

  #own(): string[] {
    return this.#containers.map(({ id }) => join(this.place.root, 'containers', id));
  }

  /** What drivers keep for all containers. */
  #beside(): string[] {
    const { root } = this.place;
    return readdirSync(root).flatMap((name) => (NOT_OURS.includes(name) ? [] : join(root, name)));
  }

  /** What is still to be written is not in use yet. Files count it, so that nothing waits for them. */
  #sync(root: string): void {
    const fd = openSync(root, 'r');
    try {
      this.#gate.call('syncfs', fd);
    } finally {
      closeSync(fd);
    }
  }
}

/** All of them, whichever fails; the first failure is thrown. */
async function endAll(containers: readonly IdleContainer[]): Promise<void> {
  const ends = await Promise.allSettled(containers.map((container) => container.end()));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
