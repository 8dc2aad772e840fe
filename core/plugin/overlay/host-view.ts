import { accessSync, constants, readdirSync, readlinkSync, statSync } from 'node:fs';
import { type HostMount, readHostMounts, showing } from './host-mounts.js';

/** One piece of the machine's own root, as a container sees it. */
export type HostPart =
  | { readonly kind: 'overlay'; readonly path: string }
  /** Read-only; what overlay cannot take. */
  | { readonly kind: 'bind'; readonly path: string; readonly target: 'file' | 'directory' }
  | { readonly kind: 'symlink'; readonly path: string; readonly to: string }
  /** An empty one: of pseudo file systems, and where the caller may not look. */
  | { readonly kind: 'directory'; readonly path: string };

/** What is asked of the machine; tests answer from a table. */
export interface HostTree {
  mounts(): readonly HostMount[];
  entries(directory: string): readonly HostEntry[];
}

export interface HostEntry {
  readonly name: string;
  readonly type: 'directory' | 'file' | 'symlink';
  readonly readable: boolean;
  /** Of a symlink. */
  readonly to?: string;
}

/** A container has its own, fresh. */
export const FRESH = ['/run', '/tmp'] as const;
const PSEUDO = ['/proc', '/sys', '/dev'] as const;
/** Foreign media are not part of the machine. */
const FOREIGN = ['/mnt', '/media'] as const;
const LEFT_OUT: readonly string[] = [...FRESH, ...PSEUDO, ...FOREIGN];
/** A directory with mounts below it is shown entry by entry only if it has no more than this. */
const MAX_ENTRIES = 256;

export function isBelow(path: string, directories: readonly string[]): boolean {
  return directories.some((directory) => path === directory || path.startsWith(`${directory}/`));
}

/** Whether files below a path are shown to a container of the host image. */
export function isShown(path: string, composed: boolean): boolean {
  return !isBelow(path, composed ? LEFT_OUT : [...FRESH, ...PSEUDO]);
}

/** For root: an overlay of `/`, and one for each other file system below it. */
export function wholeView(tree: HostTree): HostPart[] {
  const parts: HostPart[] = [{ kind: 'overlay', path: '/' }];
  for (const { path, type } of tree.mounts()) {
    if (path === '/' || isBelow(path, LEFT_OUT)) continue;
    const entry = tree
      .entries(path.slice(0, path.lastIndexOf('/')) || '/')
      .find(({ name }) => path.endsWith(`/${name}`));
    // Gone, or covered by a mount on one of its parents.
    if (!entry || entry.type === 'symlink') continue;
    const how = showing(type);
    if (entry.type === 'file') parts.push({ kind: 'bind', path, target: 'file' });
    else if (how === 'bind') parts.push({ kind: 'bind', path, target: 'directory' });
    else if (how === 'overlay') parts.push({ kind: 'overlay', path });
  }
  return parts;
}

/**
 * For an ordinary user: in a user namespace the kernel refuses a lower layer that has mounts below it: they are locked,
 * and would be uncovered (mount_namespaces(7)). So `/`, and any other directory with mounts below
 * it, is composed of its entries.
 */
export function composedView(tree: HostTree, directory = '/'): HostPart[] {
  const mounts = new Map(tree.mounts().map((mount) => [mount.path, mount]));
  return tree.entries(directory).flatMap((entry) => {
    const path = directory === '/' ? `/${entry.name}` : `${directory}/${entry.name}`;
    return isBelow(path, LEFT_OUT) ? [{ kind: 'directory', path } as const] : partsOf(tree, path, entry, mounts);
  });
}

function partsOf(
  tree: HostTree,
  path: string,
  entry: HostEntry,
  mounts: ReadonlyMap<string, HostMount>,
): readonly HostPart[] {
  if (entry.type === 'symlink') return [{ kind: 'symlink', path, to: entry.to ?? '' }];
  if (entry.type === 'file') return entry.readable ? [{ kind: 'bind', path, target: 'file' }] : [];
  const type = mounts.get(path)?.type;
  const how = type === undefined ? 'overlay' : showing(type);
  if (!entry.readable || how === 'none') return [{ kind: 'directory', path }];
  const hasMounts = [...mounts.keys()].some((other) => other.startsWith(`${path}/`));
  if (!hasMounts) return [how === 'bind' ? { kind: 'bind', path, target: 'directory' } : { kind: 'overlay', path }];
  if (tree.entries(path).length > MAX_ENTRIES) return [{ kind: 'bind', path, target: 'directory' }];
  return [{ kind: 'directory', path }, ...composedView(tree, path)];
}

/** This machine. */
export class RealHostTree implements HostTree {
  #mounts: readonly HostMount[] | undefined;

  mounts(): readonly HostMount[] {
    this.#mounts ??= readHostMounts();
    return this.#mounts;
  }

  entries(directory: string): readonly HostEntry[] {
    const prefix = directory === '/' ? '' : directory;
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry): HostEntry[] => {
      const path = `${prefix}/${entry.name}`;
      if (entry.isSymbolicLink())
        return [{ name: entry.name, type: 'symlink', readable: true, to: readlinkSync(path) }];
      if (entry.isDirectory()) return [{ name: entry.name, type: 'directory', readable: mayList(path) }];
      return entry.isFile() ? [{ name: entry.name, type: 'file', readable: mayRead(path) }] : [];
    });
  }
}

function mayList(path: string): boolean {
  return may(path, constants.R_OK | constants.X_OK) && statSync(path).isDirectory();
}

function mayRead(path: string): boolean {
  return may(path, constants.R_OK);
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
