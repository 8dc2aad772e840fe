import { closeSync, fchownSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Gate } from '../kernel/gate.js';
import { pipe, socketPair } from '../kernel/socket.js';
import { listenUnix } from '../kernel/unix-socket.js';
import type { LogStreams } from '../plugin/log-driver.js';
import { FIRST_EXTRA_FD } from '../program/layout.js';
import type { MonitorConfig } from '../program/monitor.js';
import { dieEventParts, eventsFile } from '../state/events.js';
import { liveDirectory } from '../state/live.js';
import { createRunState } from '../state/run-state.js';
import type { ChildStdio } from './child-stdio.js';
import type { LaunchState } from './launch-state.js';
import type { PipeOwner } from './stdio.js';

export interface MonitorPartsOptions {
  readonly owner: PipeOwner | undefined;
  /** memory.events or memory.oom_control of the container. */
  readonly memoryEvents: string | undefined;
  readonly after: Omit<NonNullable<MonitorConfig['after']>, 'stderr'> | undefined;
}

/** Where a monitor that could not start tsbox again says why: below the container's directory. */
const MONITOR_LOG = 'monitor.log';

/**
 * Everything that a monitor works with, opened by the engine, which closes it all once the launcher has
 * it. What it names on the host was made by steps: here descriptors are opened, nothing else.
 */
export class MonitorParts implements ChildStdio {
  readonly childFds: [number, number, number];
  readonly extra: number[] = [];
  readonly config: MonitorConfig;
  readonly #gate: Gate;
  readonly #open: number[] = [];
  /** Our end of the pipe that the monitor waits for. */
  #ready: number | undefined;

  /** @throws when one of them cannot be opened; what was, is closed */
  constructor(state: LaunchState, options: MonitorPartsOptions) {
    this.#gate = state.gate;
    try {
      const terminal = state.spec.tty ? this.#terminal() : undefined;
      const streams = state.spec.tty ? this.#noStreams() : this.#streams(state, options.owner);
      this.childFds = streams.childFds;
      this.config = {
        state: this.#give(createRunState(state.paths.container)),
        ready: this.#readyPipe(),
        ...(terminal !== undefined && { terminal }),
        ...streams.ends,
        ...this.#sockets(state),
        ...this.#files(state, options),
        ...(state.spec.timeout !== undefined && { timeoutMs: state.spec.timeout }),
      };
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  started(): void {
    for (const fd of this.#open.splice(0)) closeSync(fd);
  }

  /** The monitor takes it. */
  takeTerminal(): void {}

  destroy(): void {
    this.started();
    this.ready();
  }

  /** The start is over, well or not: the monitor may act on the end of the run. */
  ready(): void {
    if (this.#ready !== undefined) closeSync(this.#ready);
    this.#ready = undefined;
  }

  #readyPipe(): number {
    const [read, write] = pipe(this.#gate);
    this.#ready = write;
    return this.#give(read);
  }

  #terminal(): number {
    const [ours, theirs] = socketPair(this.#gate);
    // The container's end is the first: TTY_SOCKET_FD.
    this.#give(theirs);
    return this.#give(ours);
  }

  #noStreams(): { childFds: [number, number, number]; ends: Partial<MonitorConfig> } {
    const none = this.#later(openSync('/dev/null', 'r+'));
    return { childFds: [none, none, none], ends: {} };
  }

  #streams(state: LaunchState, owner: PipeOwner | undefined) {
    const input = state.spec.interactive ? this.#pipe(owner) : undefined;
    if (state.logStreams) return this.#driversStreams(state, input);
    const out = this.#pipe(owner);
    const err = this.#pipe(owner);
    const stdin = input ? input.read : this.#later(openSync('/dev/null', 'r'));
    const ends = {
      stdout: this.#place(out.read),
      stderr: this.#place(err.read),
      ...(input && { stdin: this.#place(input.write) }),
    };
    return { childFds: [stdin, out.write, err.write] as [number, number, number], ends };
  }

  /** The output goes where a log driver lets it go: the monitor has no part in it. */
  #driversStreams(state: LaunchState, input: { read: number; write: number } | undefined) {
    const { stdout, stderr } = state.logStreams as LogStreams;
    state.logStreams = undefined;
    for (const fd of new Set([stdout, stderr])) this.#later(fd);
    const stdin = input ? input.read : this.#later(openSync('/dev/null', 'r'));
    const ends = { ...(input && { stdin: this.#place(input.write) }) };
    return { childFds: [stdin, stdout, stderr] as [number, number, number], ends };
  }

  #sockets({ gate, id, paths, spec }: LaunchState): Partial<MonitorConfig> {
    const directory = liveDirectory(paths.runroot, id);
    const alive = this.#give(listenUnix(gate, join(directory, 'alive')));
    if (!spec.interactive && !spec.tty) return { alive };
    return { alive, input: this.#give(listenUnix(gate, join(directory, 'input'))) };
  }

  #files(state: LaunchState, { memoryEvents, after }: MonitorPartsOptions): Partial<MonitorConfig> {
    const { spec, paths, id, name } = state;
    const { maxSize, maxFiles } = spec.log;
    const log = join(paths.container, 'log');
    if (spec.log.driver === 'file') mkdirSync(log, { recursive: true, mode: 0o700 });
    const event = eventsFile(paths.runroot);
    return {
      ...(memoryEvents !== undefined && { memoryEvents: this.#give(openSync(memoryEvents, 'r')) }),
      ...(spec.log.driver === 'file' && { log: { directory: this.#give(openSync(log, 'r')), maxSize, maxFiles } }),
      ...(event && {
        event: { file: this.#give(event), ...dieEventParts(id, name, spec.image, spec.labels) },
      }),
      ...(after && {
        after: { ...after, stderr: this.#give(openSync(join(paths.container, MONITOR_LOG), 'a', 0o600)) },
      }),
    };
  }

  #pipe(owner: PipeOwner | undefined): { read: number; write: number } {
    const [read, write] = pipe(this.#gate);
    this.#later(read);
    this.#later(write);
    // A command that opens /dev/stdout opens the pipe anew, and needs the right to.
    if (owner) for (const fd of [read, write]) fchownSync(fd, owner.uid, owner.gid);
    return { read, write };
  }

  /** Opened for the launcher only. @returns its number there */
  #give(fd: number): number {
    return this.#place(this.#later(fd));
  }

  #place(fd: number): number {
    return FIRST_EXTRA_FD + this.extra.push(fd) - 1;
  }

  #later(fd: number): number {
    this.#open.push(fd);
    return fd;
  }
}
