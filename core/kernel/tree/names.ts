/** Names and paths are bytes that end in NUL: Linux does not ask for UTF-8. */
export type Name = Buffer;

export const EMPTY: Name = Buffer.from('\0');
const SLASH = Buffer.from('/');

/** A path below the root of the tree, without a leading slash; the root's is empty. */
export function joinPath(directory: Name, name: Name): Name {
  return directory.length === 1 ? name : Buffer.concat([directory.subarray(0, -1), SLASH, name]);
}

export function textOf(name: Name): string {
  return name.toString('utf8', 0, name.length - 1);
}

/** For a map: text that keeps every byte. */
export function keyOf(name: Name): string {
  return name.toString('latin1', 0, name.length - 1);
}
