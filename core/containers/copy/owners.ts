import type { TarEntry } from '../../image/tar/tar-entry.js';
import { readable } from '../../image/unpack/tree-writer.js';
import type { Owner } from '../ids.js';
import { refused } from './destination.js';

const SET_ID_BITS = 0o6000;

/**
 * Files that change their owner. As with chown(2), what ran with the rights of the old one no longer does.
 * @param keepsRights where the new owner is the old one under another name
 */
export async function* givenTo(
  entries: AsyncIterable<TarEntry>,
  owner: Owner,
  keepsRights: (entry: TarEntry) => boolean,
): AsyncGenerator<TarEntry> {
  for await (const entry of entries) {
    if (keepsRights(entry)) {
      yield { ...entry, ...owner };
      continue;
    }
    const attributes = new Map([...entry.attributes].filter(([name]) => name !== 'security.capability'));
    const mode = entry.type === 'directory' ? entry.mode : entry.mode & ~SET_ID_BITS;
    yield { ...entry, ...owner, mode, attributes };
  }
}

/** The owners that `map` makes of theirs. @throws TsboxError where it makes none */
export async function* ownedAs(
  entries: AsyncIterable<TarEntry>,
  map: (owner: Owner) => Owner | undefined,
  what: string,
): AsyncGenerator<TarEntry> {
  for await (const entry of entries) {
    const owner = map(entry);
    if (!owner) {
      const ids = `${entry.uid}:${entry.gid}`;
      throw refused(
        what,
        `${readable(entry.name)} belongs to ${ids}, which the container's user namespace does not have`,
      );
    }
    yield { ...entry, ...owner };
  }
}
