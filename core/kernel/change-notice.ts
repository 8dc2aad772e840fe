import { watch } from 'node:fs';

/**
 * Tells when a file or a directory changed, or may have: by inotify(7), and every `pollMs` in any case,
 * for a host has few inotify instances (fs.inotify.max_user_instances, 128 by default).
 */
export class ChangeNotice {
  #changed = false;
  #wake: () => void = () => {};
  readonly #stop: () => void;

  constructor(path: string, pollMs: number) {
    const changed = (): void => this.wake();
    const timer = setInterval(changed, pollMs);
    const watcher = watcherOf(path, changed);
    this.#stop = () => {
      clearInterval(timer);
      watcher?.close();
    };
  }

  /** Resolves at the next change, or at once when there was one since the last call. */
  async next(): Promise<void> {
    if (!this.#changed) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#changed = false;
  }

  /** Makes as if it had changed. */
  wake(): void {
    this.#changed = true;
    this.#wake();
  }

  close(): void {
    this.#stop();
  }
}

function watcherOf(path: string, changed: () => void): { close(): void } | undefined {
  try {
    const watcher = watch(path, changed);
    watcher.on('error', () => {});
    return watcher;
  } catch {
    return undefined;
  }
}
