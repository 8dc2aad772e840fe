import { closeSync } from 'node:fs';
import type { ExitNotice } from '../kernel/exit-notice.js';
import type { WaitStatus } from '../kernel/gate.js';
import type { TsboxError } from '../plugin/error.js';
import { outsideId } from '../plugin/id-maps.js';
import type { EncodedProgram } from '../program/encode.js';
import { ProgramSession } from '../program/session.js';
import { programFailure } from './failure.js';
import type { LaunchState } from './launch-state.js';
import { ContainerStdio, type PipeOwner, type StdioOptions } from './stdio.js';

export interface ChildOptions {
  readonly stdio: StdioOptions;
  readonly program: EncodedProgram;
  /** Descriptor of the sealed launcher. */
  readonly launcher: number;
  readonly notice: ExitNotice;
  readonly patienceMs: number;
}

/** The container's first process, from its spawn until it is the command, or is gone. */
export class Child {
  readonly stdio: ContainerStdio;
  readonly #state: LaunchState;
  readonly #options: ChildOptions;
  readonly #session: ProgramSession;
  #pidfd: number | undefined;
  #open = true;

  constructor(state: LaunchState, options: ChildOptions) {
    this.#state = state;
    this.#options = options;
    const { gate } = state;
    this.stdio = new ContainerStdio(gate, options.stdio, state.spec.tty, pipeOwner(state));
    const { ttySocket, childFds } = this.stdio;
    const extra = ttySocket === undefined ? [] : [ttySocket];
    try {
      this.#session = new ProgramSession({ gate, ...options, stdio: childFds, extra });
    } catch (error) {
      this.stdio.destroy();
      throw error;
    }
    this.stdio.started();
  }

  /** Waits for the barrier. @returns false when the child ended before it */
  async atBarrier(): Promise<boolean> {
    const arrived = await this.#session.atBarrier();
    this.#adopt();
    return arrived;
  }

  /** Lets the child go on, with the descriptors that it takes, one list per message. */
  go(messages: readonly (readonly number[])[]): void {
    this.#session.go(messages);
  }

  /**
   * Waits until the child is the command; its terminal, if it has one, is then ours to read.
   * @returns what went wrong instead
   */
  async executed(): Promise<TsboxError | undefined> {
    await this.#session.executed();
    this.#session.reapStageOne();
    this.#adopt();
    const failure = programFailure(this.#session, this.#state.command.argv, this.#options.program.ops);
    if (!failure) this.stdio.takeTerminal();
    return failure;
  }

  /** Whether an op failed, rather than the process having been killed. */
  get opFailed(): boolean {
    return this.#session.state().failed !== undefined;
  }

  /** Nanoseconds per op, of a traced program. */
  durations(): (number | undefined)[] {
    return this.#session.durations();
  }

  /** Hands the running command over: its pidfd is the caller's now. */
  release(): number {
    const pidfd = this.#pidfd as number;
    this.#pidfd = undefined;
    this.#close();
    return pidfd;
  }

  /** Kills and reaps it; after this nothing runs that an undo could pull something away from. */
  async end(): Promise<WaitStatus | undefined> {
    this.stdio.destroy();
    if (this.#open) {
      this.#session.reapStageOne();
      this.#adopt();
    }
    const pidfd = this.#pidfd;
    this.#pidfd = undefined;
    this.#close();
    if (pidfd === undefined) return undefined;
    this.#state.gate.call('pidfd_send_signal', pidfd, 9, null, 0);
    const status = await new Promise<WaitStatus>((resolve) => this.#options.notice.watch(pidfd, resolve));
    closeSync(pidfd);
    return status;
  }

  /** Takes hold of the clone, once; it is our child and stays a zombie until we reap it. */
  #adopt(): void {
    const { child } = this.#session.state();
    if (child <= 0 || this.#pidfd !== undefined) return;
    this.#state.pid = child;
    this.#pidfd = this.#state.gate.call('pidfd_open', child, 0);
  }

  #close(): void {
    if (this.#open) this.#session.close();
    this.#open = false;
  }
}

/** Only root can give a pipe away; everybody else's container runs as its caller. */
function pipeOwner({ host, command, idMaps }: LaunchState): PipeOwner | undefined {
  const uid = outsideId(command.uid, idMaps?.uids);
  const gid = outsideId(command.gid, idMaps?.gids);
  if (!host.privileged || uid === undefined || gid === undefined || (uid === 0 && gid === 0)) return undefined;
  return { uid, gid };
}
