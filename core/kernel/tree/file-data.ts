import { setImmediate } from 'node:timers/promises';
import { hasCode } from '../error.js';
import type { Gate } from '../gate.js';
import type { FileStatus } from '../statx.js';

const FICLONE = 0x40049409;
const SEEK_SET = 0;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
/** One call's share: long enough to be worth it, short enough for the event loop. */
const CHUNK = 8 * 1024 * 1024;
const BUFFER_SIZE = 256 * 1024;
/** Up to here a reflink would save one block at most, and is a transaction of its own: it takes longer than a copy. */
const BLOCK = 4096;
/** Up to here one read and one write are cheaper than asking for better ways. */
const SMALL = 32 * 1024;

/**
 * Copies the contents of files in the best way that the two file systems know: a reflink shares
 * the blocks (ioctl_ficlone(2)), copy_file_range(2) stays in the kernel, read and write always work.
 * A way that a source file system refuses is not tried again for it.
 */
export class FileData {
  readonly #noReflink = new Set<number>();
  readonly #noRange = new Set<number>();
  readonly #buffer = Buffer.allocUnsafe(BUFFER_SIZE);

  constructor(readonly gate: Gate) {}

  /** Copies `from` to the empty file `to` where that takes no time. @returns false where nothing was copied yet */
  copyAtOnce(from: number, to: number, { size, allocated, device }: FileStatus): boolean {
    if (size === 0 || (size > BLOCK && this.#reflink(from, to, device))) return true;
    if (size > SMALL || allocated < size) return false;
    for (let left = size; left > 0; ) {
      const read = this.#copyPiece(from, to, left);
      if (read === 0) break;
      left -= read;
    }
    return true;
  }

  /** The same for what {@link copyAtOnce} left; holes stay holes. */
  async copy(from: number, to: number, status: FileStatus): Promise<void> {
    if (status.allocated < status.size) return this.#copySparse(from, to, status);
    await this.#copyRange(from, to, status.size, status.device);
  }

  #reflink(from: number, to: number, device: number): boolean {
    if (this.#noReflink.has(device)) return false;
    try {
      this.gate.call('ioctl', to, FICLONE, from);
      return true;
    } catch (error) {
      if (!hasCode(error, 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOTTY', 'ENOSYS', 'EPERM')) throw error;
      this.#noReflink.add(device);
      return false;
    }
  }

  async #copySparse(from: number, to: number, status: FileStatus): Promise<void> {
    for (let end = 0; ; ) {
      const start = this.#nextData(from, end);
      if (start === undefined) break;
      end = this.gate.call('lseek', from, start, SEEK_HOLE);
      this.gate.call('lseek', from, start, SEEK_SET);
      this.gate.call('lseek', to, start, SEEK_SET);
      await this.#copyRange(from, to, end - start, status.device);
    }
    this.gate.call('ftruncate', to, status.size);
  }

  #nextData(from: number, offset: number): number | undefined {
    try {
      return this.gate.call('lseek', from, offset, SEEK_DATA);
    } catch (error) {
      if (hasCode(error, 'ENXIO')) return undefined;
      throw error;
    }
  }

  async #copyRange(from: number, to: number, length: number, device: number): Promise<void> {
    let left = length;
    while (left > 0 && !this.#noRange.has(device)) {
      const copied = this.#rangeCall(from, to, Math.min(left, CHUNK), device);
      if (copied === 0) break;
      left -= copied;
      if (left > 0) await setImmediate();
    }
    // Some file systems answer 0 although there is more; read(2) knows.
    if (left > 0) await this.#copyBuffered(from, to, left);
  }

  #rangeCall(from: number, to: number, length: number, device: number): number {
    try {
      return this.gate.call('copy_file_range', from, null, to, null, length, 0);
    } catch (error) {
      if (!hasCode(error, 'EXDEV', 'EOPNOTSUPP', 'EINVAL', 'ENOSYS', 'EPERM')) throw error;
      this.#noRange.add(device);
      return 0;
    }
  }

  async #copyBuffered(from: number, to: number, length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      const read = this.#copyPiece(from, to, left);
      if (read === 0) return;
      left -= read;
      if (left > 0) await setImmediate();
    }
  }

  /** One read, and what it takes to write it. @returns 0 at the end of the file */
  #copyPiece(from: number, to: number, most: number): number {
    const length = this.gate.call('read', from, this.#buffer, Math.min(most, BUFFER_SIZE));
    for (let done = 0; done < length; ) {
      const rest = done === 0 ? this.#buffer : this.#buffer.subarray(done);
      done += this.gate.call('write', to, rest, length - done);
    }
    return length;
  }
}
