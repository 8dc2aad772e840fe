import { closeSync, openSync } from 'node:fs';
import { getPriority } from 'node:os';
import { SyscallError } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import { createSealedExecutable } from '../kernel/memfd.js';
import { duplicateHigh, packetPair, sendDescriptors } from '../kernel/socket.js';
import * as images from './launcher/images.js';

/** A stage one that was started. */
export interface StageOne {
  /** Known at the latest when its control socket has ended or it stands at its barrier. @throws SyscallError */
  pid(): number;
}

/** Starts launchers with descriptors 0 and up, which stay the caller's. */
export interface LauncherSource {
  start(fds: readonly number[]): StageOne;
}

/** How long one that waits is there; below ready.c's patience, so that none ends while a message is on its way. */
const LIFETIME_MS = 10_000;
const ANSWER_SIZE = 8;
const EIO = 5;

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

  constructor(readonly gate: Gate) {}

  start(fds: readonly number[]): StageOne {
    if (this.#launches++ === 0) return this.spawned.start(fds);
    if (this.#ready?.isFresh() !== true) this.#renew();
    try {
      return this.#ready?.start(fds) as StageOne;
    } catch {
      // It was killed: by an interrupt from the terminal, say.
      this.#renew();
      return this.#ready?.start(fds) as StageOne;
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

  #renew(): void {
    this.#retire();
    this.#ready = new ReadyLauncher(this.gate, this.spawned);
    // An engine that launches nothing more has no child that waits for nothing, nor the zombie of one.
    this.#timer = setTimeout(() => this.#retire(), LIFETIME_MS).unref();
  }

  #retire(): void {
    clearTimeout(this.#timer);
    this.#ready?.close();
    this.#ready = undefined;
  }
}

/** One launcher that waits. */
class ReadyLauncher {
  readonly #socket: number;
  readonly #own: StageOne;
  readonly #made = performance.now();
  readonly #circumstances = circumstances();
  /** Those whose answers have not been read yet, in the order of their messages. */
  readonly #unanswered: ForkedStageOne[] = [];
  #closed = false;
  #failed = false;

  constructor(
    readonly gate: Gate,
    spawned: SpawnedLauncher,
  ) {
    const [ours, theirs] = packetPair(gate);
    this.#socket = ours;
    let nothing: number | undefined;
    try {
      nothing = openSync('/dev/null', 'r+');
      this.#own = spawned.start([nothing, nothing, nothing, theirs]);
    } catch (error) {
      closeSync(ours);
      throw error;
    } finally {
      closeSync(theirs);
      if (nothing !== undefined) closeSync(nothing);
    }
  }

  isFresh(): boolean {
    const isYoung = performance.now() - this.#made < LIFETIME_MS;
    return isYoung && !this.#failed && this.#circumstances === circumstances();
  }

  /** @param fds what becomes 0, 1, 2, 3 … @throws SyscallError when it is gone */
  start([stdin, stdout, stderr, program, control, ...extra]: readonly number[]): StageOne {
    // In the order in which ready.c puts them in place.
    const fds = [program, control, stdin, stdout, stderr, ...extra] as number[];
    sendDescriptors(this.gate, this.#socket, fds);
    const stageOne = new ForkedStageOne(() => this.#answer());
    this.#unanswered.push(stageOne);
    return stageOne;
  }

  /** It ends when it sees the end of its socket; the stage ones that it made go on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    while (this.#unanswered.length > 0) this.#answer();
    closeSync(this.#socket);
    this.gate.attempt('kill', this.#own.pid(), SIGCONT);
    this.gate.wait({ pid: this.#own.pid() }, true);
  }

  /** Reads the oldest answer that was not read. */
  #answer(): void {
    // Whoever stopped it would stop this thread as well.
    this.gate.attempt('kill', this.#own.pid(), SIGCONT);
    const answer = Buffer.alloc(ANSWER_SIZE);
    let read: number;
    do read = this.gate.attempt('read', this.#socket, answer, ANSWER_SIZE);
    while (read === -EINTR);
    const pid = read === ANSWER_SIZE ? Number(answer.readBigInt64LE()) : -EIO;
    if (pid < 0) this.#failed = true;
    this.#unanswered.shift()?.answered(pid);
  }
}

const EINTR = 4;
const SIGCONT = 18;

class ForkedStageOne implements StageOne {
  #pid: number | undefined;

  /** @param readAnswer reads one answer, of this one or of one before it */
  constructor(readonly readAnswer: () => void) {}

  pid(): number {
    while (this.#pid === undefined) this.readAnswer();
    if (this.#pid < 0) throw new SyscallError('clone', -this.#pid, 'stage one of the launcher');
    return this.#pid;
  }

  answered(pid: number): void {
    this.#pid = pid;
  }
}

/** What of this process a launch hands on and a program may change; limits are asked for by each stage one. */
function circumstances(): string {
  return `${process.geteuid?.()} ${process.getegid?.()} ${getPriority()}`;
}
