import { createHash } from 'node:crypto';
import { type BigIntStats, chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Gate } from '../../kernel/gate.js';
import type { Host } from '../../kernel/host.js';
import { TsboxError } from '../../plugin/error.js';
import { explainMachineError } from '../machine-error.js';
import { makeOnce } from '../staging.js';
import { imagesDirectory } from '../store.js';
import { readDecompressed, UnsupportedCompression } from '../tar/decompress.js';
import { TarError } from '../tar/tar-error.js';
import { readTar } from '../tar/tar-reader.js';
import { ArchiveKind, SavedImage } from './archive-kind.js';
import { isWhole, recordUnpacked, settle } from './settled.js';
import { unpackTar } from './unpack-tar.js';

/** Changes when the same archive would be unpacked differently. */
const FORMAT = 1;
const MAX_PEEKED = 1 << 20;

export interface TarContext {
  readonly root: string;
  readonly gate: Gate;
  readonly host: Host;
  readonly warn?: (message: string) => void;
}

/** A tar file as an image, and where it is unpacked. */
export class TarImage {
  readonly #path: string;
  readonly #reference: string;
  readonly #context: TarContext;
  readonly #stat: BigIntStats;

  /** @param path of a regular file, without links */
  constructor(reference: string, path: string, context: TarContext) {
    this.#path = path;
    this.#reference = reference;
    this.#context = context;
    this.#stat = statSync(path, { bigint: true });
  }

  /** The same file, unpacked by the same kind of user, is unpacked once. */
  get #key(): string {
    const { dev, ino, size, mtimeNs } = this.#stat;
    const identity = [FORMAT, this.#path, dev, ino, size, mtimeNs, this.#context.host.privileged];
    return createHash('sha256').update(identity.join('\0')).digest('hex').slice(0, 32);
  }

  get #directory(): string {
    return join(imagesDirectory(this.#context.root), '.tar', this.#key);
  }

  get layer(): string {
    return join(this.#directory, 'layer');
  }

  /** Unpacks it, unless that was done before. @throws TsboxError */
  async unpack(): Promise<void> {
    const { gate, root } = this.#context;
    const make = (staging: string) => this.#unpackInto(staging);
    try {
      const made = await makeOnce(gate, imagesDirectory(root), this.#directory, `tar-${this.#key}`, make, isWhole);
      if (!made) settle(this.#directory);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Reads some files of it without unpacking, for a plan; large ones and links count as empty. */
  async peek(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    try {
      for await (const entry of new ArchiveKind().watch(readTar(readDecompressed(this.#path)))) {
        const path = `/${entry.name
          .split('/')
          .filter((part) => part !== '' && part !== '.')
          .join('/')}`;
        if (!paths.includes(path)) continue;
        const pieces: Buffer[] = [];
        if (entry.size <= MAX_PEEKED) for await (const piece of entry.body) pieces.push(piece);
        found.set(path, Buffer.concat(pieces).toString());
      }
    } catch (error) {
      throw this.#explain(error);
    }
    return found;
  }

  async #unpackInto(staging: string): Promise<void> {
    const { gate, host, warn } = this.#context;
    const layer = join(staging, 'layer');
    mkdirSync(layer);
    chmodSync(layer, 0o755);
    const root = openSync(layer, 'r');
    try {
      const entries = new ArchiveKind().watch(readTar(readDecompressed(this.#path)));
      const notes = await unpackTar(entries, root, { gate, keepOwners: host.privileged });
      this.#checkUnchanged();
      recordUnpacked(staging, this.#path);
      for (const message of notes.messages) warn?.(`image ${this.#reference}: ${message}`);
    } finally {
      closeSync(root);
    }
  }

  #checkUnchanged(): void {
    const { ino, size, mtimeNs } = statSync(this.#path, { bigint: true });
    if (ino === this.#stat.ino && size === this.#stat.size && mtimeNs === this.#stat.mtimeNs) return;
    throw new TarError('it was changed while it was unpacked');
  }

  #explain(error: unknown): unknown {
    if (error instanceof TarError) {
      const what = `cannot use the image ${this.#reference}`;
      return new TsboxError('ERR_TSBOX_IMAGE_INVALID', {
        what,
        why: error.message,
        fix: fixFor(error, this.#path),
        cause: error,
        diagnosis: isOtherKind(error) ? undefined : 'image-broken-archive',
      });
    }
    return explainMachineError(`cannot unpack the image ${this.#reference}`, this.#context.root, error);
  }
}

function isOtherKind(error: TarError): boolean {
  return error instanceof UnsupportedCompression || error instanceof SavedImage;
}

function fixFor(error: TarError, path: string): string {
  if (error instanceof UnsupportedCompression) return `${error.program} -dk ${path}, and use the result`;
  if (error instanceof SavedImage) return 'docker export CONTAINER > rootfs.tar writes a root file system';
  return `tar -tf ${path} shows what tar thinks of it; get the file again, or pack a tree with tar -C ROOTFS -c .`;
}
