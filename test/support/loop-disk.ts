import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { until } from './until.js';

/**
 * A file system of its own in a file, mounted while the tests of a file run. Loop devices are the whole machine's:
 * mount(8) attaches one that lets go of its file with the last user (autoclear), and that is waited for.
 */
export class LoopDisk {
  readonly #directory = mkdtempSync(join(tmpdir(), 'tsbox-disk-'));
  readonly #file = join(this.#directory, 'image');
  /** Where it is mounted. */
  readonly path = join(this.#directory, 'disk');

  constructor(
    readonly type: 'btrfs' | 'ext4',
    readonly mebibytes = 1024,
  ) {
    beforeAll(() => this.#mount(), 60_000);
    afterAll(() => this.#unmount(), 60_000);
  }

  /** An empty directory on it. */
  newDirectory(): string {
    return mkdtempSync(join(this.path, 'place-'));
  }

  #mount(): void {
    writeFileSync(this.#file, '');
    truncateSync(this.#file, this.mebibytes * 2 ** 20);
    execFileSync('mkdir', [this.path]);
    execFileSync(`mkfs.${this.type}`, [...(this.type === 'ext4' ? ['-F'] : []), '-q', this.#file], { stdio: 'ignore' });
    execFileSync('mount', ['-o', 'loop', this.#file, this.path]);
  }

  async #unmount(): Promise<void> {
    execFileSync('umount', [this.path]);
    await until(() => !this.#isAttached(), 10_000);
    rmSync(this.#directory, { recursive: true });
  }

  #isAttached(): boolean {
    return readdirSync('/sys/block').some((name) => {
      const backing = `/sys/block/${name}/loop/backing_file`;
      return existsSync(backing) && readFileSync(backing, 'utf8').trim().startsWith(this.#directory);
    });
  }
}
