import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../../core/index.js';
import type { ComparisonContext } from '../context.js';

/** What containers are made with. */
export interface Makings {
  readonly context: ComparisonContext;
  /** On the host, see {@link writeIdleProgram}. */
  readonly idleProgram: string;
  /** That of the comparison. */
  image(): Promise<string>;
}

export interface StartOptions {
  /** Default: that of the comparison. */
  readonly image?: string;
  /** It stays when it ends, as a container of `create` does. */
  readonly keep?: boolean;
}

const IDLE = '/.tsbox-idle';
/** For our thread there is nothing else to do than to wait for the launch. */
const PATIENCE_MS = 100;

/**
 * A container that does nothing: the work is done on its files by this process, through `/proc/PID/root`, which is
 * the kernel's own way into its mount namespace. So one program measures all drivers, whatever the image has in it;
 * overlay copies up, and a driver of a plugin does what it does, as for a process in the container. Nothing runs in
 * there that could change a path under our hands, and what we write is below a directory that we have made.
 */
export class IdleContainer {
  #directories = 0;

  private constructor(
    readonly context: ComparisonContext,
    readonly box: Box,
  ) {}

  /** @param storage name of a driver, or `auto` */
  static async start(makings: Makings, storage: string, options: StartOptions = {}): Promise<IdleContainer> {
    const { context, idleProgram } = makings;
    const { signal } = context;
    const { image = await makings.image(), keep = false } = options;
    const box = await context.engine.run({
      ...{ image, storage, network: 'none', entrypoint: IDLE, command: [], rm: !keep },
      ...{ stdio: 'ignore', signal, patienceMs: PATIENCE_MS },
      name: context.containerName(storage),
      label: [context.label],
      volume: [`${idleProgram}:${IDLE}:ro`],
    });
    return new IdleContainer(context, box);
  }

  get id(): string {
    return this.box.id;
  }

  /** The root directory as its processes see it. */
  get root(): string {
    return `/proc/${this.box.pid}/root`;
  }

  /** A new directory in it, as a path of this process. */
  makeDirectory(): string {
    this.#directories++;
    const directory = join(this.root, `.tsbox-compare-${this.#directories}`);
    mkdirSync(directory);
    return directory;
  }

  /** Kills it and waits until everything of it is gone that is to go. @throws Error where something could not be taken back */
  async end(): Promise<void> {
    this.box.kill();
    const { undoErrors } = await this.box.wait();
    if (undoErrors.length > 0) throw undoErrors[0];
  }

  /** The same, and nothing of it stays, whatever was asked for. */
  async discard(): Promise<void> {
    const handle = await this.context.engine.container(this.id);
    await this.end();
    await handle.remove({ force: true });
  }
}
