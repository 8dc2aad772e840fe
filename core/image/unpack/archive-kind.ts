import type { TarEntry } from '../tar/tar-entry.js';
import { TarError } from '../tar/tar-error.js';

/** Watches the names at the top of an archive, which tell what it is. */
export class ArchiveKind {
  readonly #top = new Set<string>();

  /** Passes entries on. @throws TarError after the last one, unless it was a root file system */
  async *watch(entries: AsyncIterable<TarEntry>): AsyncGenerator<TarEntry> {
    for await (const entry of entries) {
      const first = entry.name.split('/').find((part) => part !== '' && part !== '.');
      if (first !== undefined) this.#top.add(first);
      yield entry;
    }
    this.#check();
  }

  #check(): void {
    const top = this.#top;
    if (top.size === 0) throw new TarError('it holds no files');
    const layers = [...top].some(
      (name) => name === 'blobs' || name === 'repositories' || /^[0-9a-f]{64}(\.json)?$/.test(name),
    );
    if (top.has('oci-layout') && layers) throw new SavedImage('an OCI image layout');
    if (top.has('manifest.json') && layers) throw new SavedImage('an image as docker save writes it');
  }
}

/** An image in parts, where a root file system is wanted. */
export class SavedImage extends TarError {
  constructor(what: string) {
    super(`it is ${what}, not a root file system; tsbox cannot read that yet`);
  }
}
