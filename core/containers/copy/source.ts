import { closeSync } from 'node:fs';
import type { TarEntry } from '../../image/tar/tar-entry.js';
import { O_CLOEXEC, O_RDONLY, oDirectory, oNofollow } from '../../kernel/fcntl.js';
import type { Gate } from '../../kernel/gate.js';
import type { Host } from '../../kernel/host.js';
import { LayerStack, Xattrs } from '../../kernel/tree/index.js';
import { EntryReader } from '../tree/entry-reader.js';
import { walkTree } from '../tree/walk.js';
import type { CopiedThing } from './destination.js';
import { refused, shown } from './destination.js';
import { type CopyPath, findPlace, isDirectory, type PinnedPlace } from './place.js';

export interface SourceOptions {
  /** Copy what a link that is named leads to; links below are copied as links. */
  readonly followLink: boolean;
  /** These directories of the root are empty in a copy of it: the kernel makes what is in them. */
  readonly leaveEmpty: readonly string[];
  /** Is told of each socket. */
  readonly onSkipped: (path: string) => void;
}

/** Files that are about to be copied; they are read as the entries are asked for. */
export interface CopySource extends CopiedThing {
  /** @param as what the file or directory is called; empty: only what is in the directory */
  entries(as: string): AsyncGenerator<TarEntry>;
  close(): void;
}

/** @throws TsboxError ERR_TSBOX_COPY */
export function openSource(
  { gate, host }: { readonly gate: Gate; readonly host: Host },
  root: number,
  path: CopyPath,
  options: SourceOptions,
  what: string,
): CopySource {
  const place = findPlace(gate, root, path, options.followLink);
  if (!place?.status) {
    if (place) closeSync(place.directory);
    throw refused(what, `${shown(path)} is not there`);
  }
  const directory = isDirectory(place.status);
  if (path.isDirectory && !directory) {
    closeSync(place.directory);
    throw refused(what, `${shown(path)} is no directory`);
  }
  const reader = new EntryReader(gate, { owner: (owner) => owner, onSkipped: options.onSkipped });
  return {
    isDirectory: directory,
    contentOnly: path.contentOnly,
    name: path.name,
    entries: (as) => entriesOf({ gate, host, reader, place, directory, leaveEmpty: options.leaveEmpty }, as),
    close: () => closeSync(place.directory),
  };
}

interface OpenSource {
  readonly gate: Gate;
  readonly host: Host;
  readonly reader: EntryReader;
  readonly place: PinnedPlace;
  readonly directory: boolean;
  readonly leaveEmpty: readonly string[];
}

async function* entriesOf(source: OpenSource, as: string): AsyncGenerator<TarEntry> {
  const { gate, host, reader, place, directory } = source;
  if (as !== '') yield* reader.read(place, as, 0);
  if (!directory) return;
  const stack = new LayerStack(gate, host, new Xattrs(gate, host.privileged), {
    marks: 'trusted',
    crossMounts: true,
    live: true,
  });
  const flags = O_RDONLY | O_CLOEXEC | oDirectory(gate.arch) | oNofollow(gate.arch);
  stack.addOpen(gate.call('openat', place.directory, place.name, flags, 0));
  const isRoot = place.name.toString('latin1') === '.\0';
  const isEmpty = (name: string) => isRoot && source.leaveEmpty.includes(name);
  try {
    yield* walkTree(stack, reader, { prefix: as === '' ? '' : `${as}/`, isEmpty });
  } finally {
    stack.close();
  }
}
