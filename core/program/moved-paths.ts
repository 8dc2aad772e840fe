/**
 * Where a child finds directories of the host when it cannot use their paths: a child in a user
 * namespace has no right to walk to them, and their owners must be mapped on the way.
 */
export class MovedPaths {
  /**
   * @param own the container's own directory, `[host, child]`
   * @param trees what else its file system is made of: owners mapped, everything below found too
   * @param binds what the user mounts from the host: owners as they are, found only by exactly this path
   */
  constructor(
    readonly own: readonly [string, string],
    readonly trees: ReadonlyMap<string, string>,
    readonly binds: ReadonlyMap<string, string>,
  ) {}

  /** A layer, or something in the container's own directory. */
  tree(path: string): string {
    for (const [from, to] of [this.own, ...this.trees]) {
      const found = moved(path, from, to);
      if (found !== undefined) return found;
    }
    return path;
  }

  /**
   * The source of a bind mount. Never below one of the trees: root of the container is the owner of
   * root's files there, and what is mounted for writing from the host must not become its own.
   */
  bind(path: string): string {
    return this.binds.get(path) ?? moved(path, ...this.own) ?? path;
  }
}

function moved(path: string, from: string, to: string): string | undefined {
  return path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : undefined;
}
