import { availableParallelism } from 'node:os';
import { resolveUpdate, type UpdateSettings } from '../config/spec/update.js';
import { type Attachment, type AttachOptions, attachContainer } from '../containers/attach.js';
import { type CommitOptions, type CommittedImage, commitContainer } from '../containers/commit.js';
import { type CopyOptions, copyFromContainer, copyToContainer } from '../containers/copy/copy.js';
import { type Change, diffContainer } from '../containers/diff.js';
import { exportContainer } from '../containers/export.js';
import { type ContainerInspection, inspectContainer } from '../containers/inspect/container.js';
import { type LogsOptions, logsOf } from '../containers/logs.js';
import { pauseContainer, unpauseContainer } from '../containers/pause.js';
import { type RemoveOptions, removeContainer } from '../containers/remove.js';
import { renameContainer } from '../containers/rename.js';
import { killContainer } from '../containers/signal.js';
import { restartContainer, startContainer } from '../containers/start.js';
import { type ContainerStats, containerStats } from '../containers/stats.js';
import { type StopOptions, stopContainer } from '../containers/stop.js';
import { type ContainerSummary, summaryOf } from '../containers/summary.js';
import { topContainer } from '../containers/top.js';
import { updateContainer } from '../containers/update.js';
import { type EndOfRun, waitContainer } from '../containers/wait.js';
import type { Engine } from '../engine/index.js';
import type { ProcessInfo } from '../kernel/process-table.js';
import { signalNumber } from '../kernel/signals.js';
import type { LogEntry } from '../log/index.js';
import { TsboxError } from '../plugin/error.js';
import { requireContainer } from '../state/containers.js';
import { Box } from './box.js';
import { type BoxExecOptions, readExecOptions } from './exec.js';

/**
 * A container by its id, whoever started it and whether it runs or not. It holds nothing: the container
 * goes on when the program ends. Methods throw TsboxError where it is not in a state for them.
 */
export class ContainerHandle {
  readonly #engine: Engine;

  constructor(
    engine: Engine,
    /** 64 hex digits. */
    readonly id: string,
  ) {
    this.#engine = engine;
  }

  /** As lists show it. */
  async summary(): Promise<ContainerSummary> {
    return summaryOf(requireContainer(this.#engine.paths.root, this.id));
  }

  async inspect(): Promise<ContainerInspection> {
    return inspectContainer(this.#engine.paths.root, this.id);
  }

  /** Harmless when it runs. */
  async start(): Promise<void> {
    await startContainer(this.#engine, this.id);
  }

  /** The stop signal, a while, SIGKILL. */
  stop(options?: StopOptions): Promise<void> {
    return stopContainer(this.#engine, this.id, options);
  }

  restart(options?: StopOptions): Promise<void> {
    return restartContainer(this.#engine, this.id, options);
  }

  /** @param signal name or number; default SIGKILL */
  async kill(signal: string | number = 'SIGKILL'): Promise<void> {
    const number = signalNumber(String(signal));
    if (number === undefined)
      throw new TsboxError('ERR_TSBOX_USAGE', {
        what: `cannot send signal ${JSON.stringify(signal)}`,
        why: 'there is no such signal',
        fix: "kill('SIGTERM')",
      });
    await killContainer(this.#engine, this.id, number);
  }

  async pause(): Promise<void> {
    await pauseContainer(this.#engine, this.id);
  }

  async unpause(): Promise<void> {
    await unpauseContainer(this.#engine, this.id);
  }

  /** Waits until its command has ended. */
  wait(signal?: AbortSignal): Promise<EndOfRun> {
    return waitContainer(this.#engine, this.id, signal);
  }

  /** Its streams, while it runs; closing them leaves it running. */
  attach(options?: AttachOptions): Promise<Attachment> {
    return attachContainer(this.#engine, this.id, options);
  }

  /** Executes a command in it. */
  async exec(options: BoxExecOptions): Promise<Box> {
    return new Box(await this.#engine.exec(this.id, readExecOptions(options)));
  }

  rename(name: string): Promise<void> {
    return renameContainer(this.#engine, this.id, name);
  }

  async remove(options?: RemoveOptions): Promise<void> {
    await removeContainer(this.#engine, this.id, options);
  }

  logs(options?: LogsOptions): AsyncGenerator<LogEntry> {
    return logsOf(this.#engine.paths, this.id, options, (name) => this.#engine.driver('log', name));
  }

  top(): Promise<ProcessInfo[]> {
    return topContainer(this.#engine, this.id);
  }

  /** Readings of what it uses, one a second, until the signal is aborted. */
  async *stats(signal?: AbortSignal): AsyncGenerator<ContainerStats> {
    const options = { containers: [this.id], ...(signal && { signal }) };
    for await (const [own] of containerStats(this.#engine, options)) if (own) yield own;
  }

  /** Changes limits and the restart policy: `{ memory: '256m' }`. @returns what is not as asked, in words */
  async update(values: UpdateSettings): Promise<readonly string[]> {
    const layer = { kind: 'library' as const, directory: process.cwd(), values };
    const update = resolveUpdate(layer, availableParallelism());
    return (await updateContainer(this.#engine, this.id, update)).warnings;
  }

  /** What it changed of its image. */
  diff(): Promise<Change[]> {
    return diffContainer(this.#engine, this.id);
  }

  /** Copies a file or directory out of it. */
  copyOut(from: string, to: string, options?: CopyOptions): Promise<void> {
    return copyFromContainer(this.#engine, this.id, from, to, options);
  }

  /** Copies a file or directory into it. */
  copyIn(from: string, to: string, options?: CopyOptions): Promise<void> {
    return copyToContainer(this.#engine, this.id, from, to, options);
  }

  /** Its whole file system as a tar archive. */
  export(): AsyncGenerator<Buffer> {
    return exportContainer(this.#engine, this.id);
  }

  /** Makes a local image of it. */
  commit(options?: CommitOptions): Promise<CommittedImage> {
    return commitContainer(this.#engine, this.id, options);
  }
}
