import { original } from './host-calls.js';

/** An id of a container, whole or short, somewhere in a path: the path is that container's own. */
const OWN = /^\/.*[0-9a-f]{12}/;

/** Paths of single containers, wherever a plugin has them, that must be gone with them. */
export class OwnPaths {
  readonly #seen = new Set<string>();

  see(text: string): void {
    if (OWN.test(text)) this.#seen.add(text);
  }

  /** All texts in a value: the arguments of an undo. */
  seeAll(value: unknown): void {
    if (typeof value === 'string') this.see(value);
    else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) this.seeAll(one);
  }

  /** Those that are there. */
  left(): string[] {
    return [...this.#seen].filter((path) => original.existsSync(path)).map((path) => `file ${path}`);
  }

  clear(): void {
    this.#seen.clear();
  }
}
