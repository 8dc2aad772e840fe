import { closeSync } from 'node:fs';
import type { ExitNotice } from '../kernel/exit-notice.js';
import type { Gate } from '../kernel/gate.js';
import { createSealedExecutable } from '../kernel/memfd.js';
import { duplicateHigh } from '../kernel/socket.js';
import type { Errands } from './errands.js';
import * as images from './launcher/images.js';
import { LIFETIME_MS, ReadyLauncher } from './ready-launcher.js';
import type { LauncherSource, StageOne } from './stage-one.js';

/** Spawns a launcher (posix_spawn(3)), for which the calling thread waits until its exec. */
export class SpawnedLauncher implements LauncherSource {
  /** @param launcher descriptor of the sealed launcher */
  constructor(
    readonly gate: Gate,
    readonly launcher: number,
  ) {}

  start(fds: readonly number[]): StageOne {
    const high: number[] = [];
    try {
      for (const fd of fds) high.push(duplicateHigh(this.gate, fd));
      const pid = this.gate.spawn({ path: `/proc/self/fd/${this.launcher}`, argv: ['tsbox'], env: [], fds: high });
      return { pid: () => pid };
    } finally {
      for (const fd of high) closeSync(fd);
    }
  }
}

/**
 * The launchers of an engine. The first launch spawns one; from the second on there is one that waits and forks stage
 * ones (launcher/ready.c), which takes a spawn off the way. What it inherits from this process, but for limits, it has
 * from when it was made, so it is replaced after ten seconds, and where ids or priority of the process have changed.
 */
export class Launchers implements LauncherSource {
  #sealed: SpawnedLauncher | undefined;
  #ready: ReadyLauncher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #launches = 0;

  constructor(
    readonly gate: Gate,
    readonly notice?: ExitNotice,
  ) {}

  /** Who makes and removes beside this thread; undefined while no launcher waits. */
  get errands(): Errands | undefined {
    return this.#ready?.isFresh() ? this.#ready.errands : undefined;
  }

  start(fds: readonly number[]): StageOne {
    if (this.#launches++ === 0) return this.spawned.start(fds);
    const ready = this.#ready?.isFresh() ? this.#ready : this.#renewed();
    try {
      return ready.start(fds);
    } catch {
      // It was killed: by an interrupt from the terminal, say.
      return this.#renewed().start(fds);
    }
  }

  /** For a stage one that must have what this process has now: its cgroups, say. */
  get spawned(): SpawnedLauncher {
    if (!this.#sealed) {
      const image = Buffer.from(images[this.gate.arch], 'base64');
      this.#sealed = new SpawnedLauncher(this.gate, createSealedExecutable(this.gate, 'tsbox-launcher', image));
    }
    return this.#sealed;
  }

  close(): void {
    this.#retire();
    if (this.#sealed) closeSync(this.#sealed.launcher);
    this.#sealed = undefined;
  }

  #renewed(): ReadyLauncher {
    this.#retire();
    const ready = new ReadyLauncher(this.gate, this.spawned, this.notice);
    this.#ready = ready;
    // An engine that launches nothing more has no child that waits for nothing, nor the zombie of one.
    this.#timer = setTimeout(() => this.#retire(), LIFETIME_MS).unref();
    return ready;
  }

  #retire(): void {
    clearTimeout(this.#timer);
    this.#ready?.close();
    this.#ready = undefined;
  }
}
