import { closeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Engine } from '../../engine/index.js';
import type { TarEntry } from '../../image/tar/tar-entry.js';
import { TarError } from '../../image/tar/tar-error.js';
import { readTar } from '../../image/tar/tar-reader.js';
import { writeTar } from '../../image/tar/tar-writer.js';
import { pathInside, unpackTar } from '../../image/unpack/unpack-tar.js';
import { hasCode } from '../../kernel/error.js';
import { O_CLOEXEC, O_PATH, oDirectory } from '../../kernel/fcntl.js';
import type { Gate } from '../../kernel/gate.js';
import { AT_FDCWD } from '../../kernel/mount.js';
import type { Owner } from '../ids.js';
import { type Rootfs, withRootfs } from '../rootfs.js';
import { findDestination, openDirectoryAt, refused } from './destination.js';
import { givenTo, ownedAs } from './owners.js';
import { parseCopyPath } from './place.js';
import { type CopySource, openSource, type SourceOptions } from './source.js';

export interface CopyOptions {
  /** Copy what a link that is named leads to. */
  readonly followLink?: boolean;
  /** Keep owners (`-a`), as the container has them. */
  readonly archive?: boolean;
  /** Is told what was not copied: sockets, what only root can make. */
  readonly onWarning?: (message: string) => void;
}

/** What the kernel makes in a container is not copied with its root. */
const KERNEL_DIRECTORIES = ['dev', 'proc', 'sys'];
const ROOT: Owner = { uid: 0, gid: 0 };

/**
 * Copies files out of a container, running or not, by docker's rules. What is made belongs to the caller, and has
 * no set-id bits or file capabilities, unless owners are kept.
 * @throws TsboxError
 */
export async function copyFromContainer(
  engine: Engine,
  reference: string,
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<void> {
  await withSource(engine, reference, from, options, async (source, entriesAs, what) => {
    await withLocalRoot(engine.gate, async (root) => {
      const place = findDestination(engine.gate, root, parseCopyPath(absolute(to)), source, what);
      const kept = entriesAs(place.name);
      const entries = options.archive ? kept : givenTo(kept, caller(engine), () => false);
      await write(engine, place.directory, entries, options, what);
    });
  });
}

/**
 * The same as an archive, with the owners that the container knows.
 * @param use takes the pieces, which are made as they are asked for
 */
export async function archiveFromContainer(
  engine: Engine,
  reference: string,
  from: string,
  options: CopyOptions,
  use: (pieces: AsyncGenerator<Buffer>) => Promise<void>,
): Promise<void> {
  await withSource(engine, reference, from, options, (source, entriesAs) =>
    use(writeTar(entriesAs(source.contentOnly ? '' : source.name))),
  );
}

/** @param use gets what is copied, and as entries below a name, with the owners that the container knows */
async function withSource(
  engine: Engine,
  reference: string,
  from: string,
  options: CopyOptions,
  use: (source: CopySource, entriesAs: (name: string) => AsyncGenerator<TarEntry>, what: string) => Promise<void>,
): Promise<void> {
  const what = `cannot copy from container ${reference}`;
  await withRootfs(engine, reference, what, async ({ fd, ids }) => {
    const source = openSource(engine, fd, parseCopyPath(from), sourceOptions(KERNEL_DIRECTORIES, options), what);
    try {
      await use(source, (name) => ownedAs(source.entries(name), (owner) => ids.inside(owner), what), what);
    } finally {
      source.close();
    }
  });
}

/**
 * Copies files into a container, running or not. What is made there belongs to the container's root, unless owners
 * are kept. Nothing that is there is written to: a file is replaced by a new one.
 * @throws TsboxError
 */
export async function copyToContainer(
  engine: Engine,
  reference: string,
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<void> {
  const what = `cannot copy to container ${reference}`;
  await withLocalRoot(engine.gate, async (local) => {
    const source: CopySource = openSource(
      engine,
      local,
      parseCopyPath(absolute(from)),
      sourceOptions([], options),
      what,
    );
    try {
      await withRootfs(engine, reference, what, async (rootfs) => {
        refuseForeign(rootfs, what);
        const place = findDestination(engine.gate, rootfs.fd, parseCopyPath(to), source, what);
        const entries = incoming(engine, source.entries(place.name), rootfs, options, what);
        await write(engine, place.directory, entries, options, what);
      });
    } finally {
      source.close();
    }
  });
}

/** Unpacks an archive into a directory of a container. @throws TsboxError */
export async function unpackToContainer(
  engine: Engine,
  reference: string,
  archive: AsyncIterable<Uint8Array>,
  to: string,
  options: CopyOptions = {},
): Promise<void> {
  const what = `cannot copy to container ${reference}`;
  await withRootfs(engine, reference, what, async (rootfs) => {
    refuseForeign(rootfs, what);
    const directory = openDirectoryAt(engine.gate, rootfs.fd, parseCopyPath(to), what);
    await write(engine, directory, incoming(engine, belowRoot(readTar(archive)), rootfs, options, what), options, what);
  });
}

function incoming(
  { host }: Engine,
  entries: AsyncIterable<TarEntry>,
  { ids }: Rootfs,
  { archive }: CopyOptions,
  what: string,
): AsyncGenerator<TarEntry> {
  const wanted = archive ? entries : givenTo(entries, ROOT, ({ uid }) => uid === ROOT.uid);
  // What an ordinary user makes has the right owner by itself.
  const isCaller = ({ uid, gid }: Owner) => !host.privileged && uid === host.uid && gid === host.gid;
  const outside = (owner: Owner) => {
    const found = ids.outside(owner);
    return found && isCaller(found) ? ROOT : found;
  };
  return ownedAs(wanted, outside, what);
}

/** Closes the directory. */
async function write(
  { gate, host }: Engine,
  directory: number,
  entries: AsyncIterable<TarEntry>,
  { onWarning }: CopyOptions,
  what: string,
): Promise<void> {
  try {
    const notes = await unpackTar(entries, directory, { gate, keepOwners: host.privileged, isShared: true });
    for (const message of notes.messages) onWarning?.(message);
  } catch (error) {
    if (error instanceof TarError) throw refused(what, error.message);
    throw hasCode(error, 'EROFS') ? refused(what, 'it is mounted read-only there', 'copy into a volume') : error;
  } finally {
    closeSync(directory);
  }
}

/** The directory itself keeps what it has. */
async function* belowRoot(entries: AsyncIterable<TarEntry>): AsyncGenerator<TarEntry> {
  for await (const entry of entries) if (pathInside(entry.name) !== '') yield entry;
}

function sourceOptions(leaveEmpty: readonly string[], { followLink = false, onWarning }: CopyOptions): SourceOptions {
  return { followLink, leaveEmpty, onSkipped: (path) => onWarning?.(`${path} is a socket, and was not copied`) };
}

/** A new file belongs to whoever makes it, and nobody can make one for ids that are mapped elsewhere. */
function refuseForeign({ running, ids }: Rootfs, what: string): void {
  if (!running || !ids.areForeign) return;
  throw refused(what, 'it runs in a user namespace in which your ids do not exist', [
    'stop it, copy, and start it again',
    'or send an archive to a program in it: tar -c FILES | tsbox exec -i CONTAINER tar -x -C DIRECTORY',
  ]);
}

/** An ordinary user's files are the user's by themselves. */
function caller({ host }: Engine): Owner {
  return host.privileged ? { uid: host.uid, gid: host.gid } : ROOT;
}

/** `resolve` would lose the end that says what is meant. */
function absolute(path: string): string {
  const end = /\/\.?\/*$/.exec(path)?.[0] ?? (/(^|\/)\.{1,2}$/.test(path) ? '/.' : '');
  return resolve(path) + end;
}

async function withLocalRoot<Result>(gate: Gate, use: (root: number) => Promise<Result>): Promise<Result> {
  const root = gate.call('openat', AT_FDCWD, '/', O_PATH | O_CLOEXEC | oDirectory(gate.arch), 0);
  try {
    return await use(root);
  } finally {
    closeSync(root);
  }
}
