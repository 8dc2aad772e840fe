import { closeSync, openSync } from 'node:fs';
import { getPriority } from 'node:os';
import { SyscallError } from '../kernel/error.js';
import type { ExitNotice } from '../kernel/exit-notice.js';
import type { Gate } from '../kernel/gate.js';
import { packetPair, sendDescriptors } from '../kernel/socket.js';
import { Errands } from './errands.js';
import type { LauncherSource, StageOne } from './stage-one.js';

/** How long one that waits is there; below ready.c's patience, so that none ends while a message is on its way. */
export const LIFETIME_MS = 10_000;
const ANSWER_SIZE = 8;
const EINTR = 4;
const EIO = 5;
const SIGKILL = 9;
const SIGCONT = 18;

/** One launcher that waits, for programs and for errands. */
export class ReadyLauncher implements LauncherSource {
  readonly errands: Errands;
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
    spawned: LauncherSource,
    notice?: ExitNotice,
  ) {
    const opened: number[] = [];
    const pair = () => {
      const [ours, theirs] = packetPair(gate);
      opened.unshift(ours, theirs);
      return [ours, theirs] as const;
    };
    let given: number[] = [];
    try {
      const [launches, theirLaunches] = pair();
      const [errands, theirErrands] = pair();
      const nothing = openSync('/dev/null', 'r+');
      opened.unshift(nothing);
      given = [nothing, theirLaunches, theirErrands];
      this.#socket = launches;
      this.#own = spawned.start([nothing, nothing, nothing, theirLaunches, theirErrands]);
      this.errands = new Errands(gate, { socket: errands, notice, end: () => this.#end() });
    } catch (error) {
      given = opened;
      throw error;
    } finally {
      for (const fd of given) closeSync(fd);
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
    this.errands.close();
    closeSync(this.#socket);
    this.gate.attempt('kill', this.#own.pid(), SIGCONT);
    this.gate.wait({ pid: this.#own.pid() }, true);
  }

  /** Stage ones that it made go on. */
  #end(): void {
    this.#failed = true;
    this.gate.attempt('kill', this.#own.pid(), SIGKILL);
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
