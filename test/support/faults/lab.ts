import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveSpec } from '../../../core/config/resolve-spec.js';
import type { RunSettings } from '../../../core/config/run-options.js';
import type { Container, Engine } from '../../../core/engine/index.js';
import type { Spec } from '../../../core/plugin/spec.js';
import type { Op } from '../../../core/program/op.js';
import { type Assembly, engineOf } from './assembly.js';
import { comparable, END_OF_VIEW, hostView, VIEW_COMMAND } from './container-view.js';
import { type HostCall, observeHostCalls, original } from './host-calls.js';
import { type HostState, hostState, leftOf, type Places, runningChildren } from './left.js';
import { OwnPaths } from './own-paths.js';
import { currentPart, enterPart, followSteps } from './part.js';

/** Longer than any launch here takes: what has not ended by then hangs. */
const PATIENCE_MS = 8_000;
const SETTLE_MS = 1_000;

/** A host call of one launch, by what it belongs to: the same key in every launch of a kind. */
export interface Point {
  readonly key: string;
  readonly changes: boolean;
}

export interface Faults {
  /** @returns the errno with which the call fails */
  onPoint?(point: Point): string | undefined;
  /** A child program is about to be written. @returns what is written instead */
  onProgram?(bytes: Buffer, fd: number): Buffer;
  /** The command runs, and has told what it sees. */
  onRunning?(): void;
}

/** What became of one launch. */
export interface Outcome {
  /** What `run` threw. */
  readonly error?: unknown;
  /** What the command saw of its walls, and the host of it; undefined when it did not run. */
  readonly view?: readonly string[];
  /** As a shell has it: what the command ended with, which by itself is 0. */
  readonly status?: number;
  /** What could not be undone at once. */
  readonly undoErrors: readonly Error[];
  readonly closeError?: unknown;
  /** It did not come to its end. */
  readonly hung: boolean;
  /** What is left after a pass of gc. */
  readonly left: readonly string[];
}

interface Before {
  readonly descriptors: readonly string[];
  readonly host: HostState;
  readonly processes: readonly string[];
}

type Ended = Omit<Outcome, 'left'>;

/** Launches of one kind of container, each by an engine of its own in this process, in a new state. */
export class Lab {
  readonly spec: Spec;
  readonly #places: Places;
  /** Ids of all containers that were begun in the present state. */
  readonly #ids = new Set<string>();
  readonly #paths = new OwnPaths();

  constructor(
    readonly directory: string,
    image: string,
    values: RunSettings,
    readonly assembly: Assembly,
    command: readonly string[] = VIEW_COMMAND,
  ) {
    this.#places = { root: `${directory}/root`, runroot: `${directory}/run` };
    const host = { privileged: true, cpus: availableParallelism(), environment: {} };
    const layers = [{ kind: 'library', directory: '/', values: { rm: true, name: 'faulty', ...values } }] as const;
    this.spec = resolveSpec({ image, command, layers }, host);
  }

  /** One launch with faults, from a new engine to its end, and what a pass of gc leaves of it. */
  async launch(faults: Faults): Promise<Outcome> {
    this.#ids.clear();
    this.#paths.clear();
    const before = { descriptors: descriptors(), host: hostState(), processes: runningChildren() };
    const ended = await this.#observed(faults);
    const left = await this.#collect(before);
    original.rmSync(this.directory, { recursive: true, force: true });
    return { ...ended, left };
  }

  /** The ops of the child program, as a plan has them. */
  async plannedOps(): Promise<readonly Op[]> {
    const engine = this.#engine();
    const { program } = await engine.plan(this.spec);
    await engine.close();
    return program.ops;
  }

  #engine(): Engine {
    return engineOf(this.assembly, this.#places);
  }

  async #observed(faults: Faults): Promise<Ended> {
    const seen = new Map<string, number>();
    const engine = this.#engine();
    const forget = followSteps();
    observeHostCalls({
      onCall: (call) => faults.onPoint?.(this.#point(call, seen)),
      onProgram: (bytes, fd) => faults.onProgram?.(bytes, fd) ?? bytes,
    });
    try {
      const hung = sleep(PATIENCE_MS, { undoErrors: [], hung: true } as const, { ref: false });
      return await Promise.race([this.#live(engine, faults), hung]);
    } finally {
      observeHostCalls(undefined);
      forget();
    }
  }

  async #collect(before: Before): Promise<string[]> {
    const engine = this.#engine();
    const { failures } = await engine.gc();
    await engine.close();
    const left = await settled(() => [
      ...leftOf(this.#places, this.#ids, before.host),
      ...this.#paths.left(),
      ...runningChildren(before.processes),
      ...descriptors()
        .slice(before.descriptors.length)
        .map(() => `descriptors: ${descriptors().filter((one) => !before.descriptors.includes(one))}`),
    ]);
    return [...failures.map((failure) => `gc: ${failure.message}: ${(failure.cause as Error)?.message}`), ...left];
  }

  async #live(engine: Engine, { onRunning }: Faults): Promise<Ended> {
    let outcome: Ended;
    try {
      outcome = await this.#watch(await engine.run(this.spec, { stdio: 'pipe' }), onRunning);
    } catch (error) {
      outcome = { error, undoErrors: (error as { undoErrors?: Error[] }).undoErrors ?? [], hung: false };
    }
    try {
      await engine.close();
      return outcome;
    } catch (closeError) {
      return { ...outcome, closeError };
    }
  }

  async #watch(container: Container, onRunning: Faults['onRunning']): Promise<Ended> {
    enterPart('running');
    const stdout = container.stdout as Readable;
    let text = '';
    stdout.setEncoding('utf8');
    await new Promise<void>((resolve) => {
      stdout.on('data', (part: string) => {
        text += part;
        if (text.includes(END_OF_VIEW)) resolve();
      });
      // A command that was killed at once has closed it before anybody listens.
      if (stdout.readableEnded) resolve();
      stdout.on('end', resolve);
    });
    const view = [...comparable(text, container.id), ...hostView(container.id)];
    onRunning?.();
    container.stdin?.end();
    const { status, undoErrors } = await container.wait();
    return { view, status, undoErrors, hung: false };
  }

  #point(call: HostCall, seen: Map<string, number>): Point {
    for (const [id] of call.target.matchAll(/[0-9a-f]{64}/g)) this.#ids.add(id);
    if (call.changes && !call.target.startsWith(this.directory)) this.#paths.see(call.target);
    const target = call.target
      .replace(this.directory, '')
      .replace(/[0-9a-f]{64}/g, 'ID')
      .replace(/\d{3,}/g, 'N');
    const name = `${call.name} ${target} in ${currentPart() || 'engine'}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { key: `${name} #${count}`, changes: call.changes };
  }
}

/** Killed processes and closed streams take a moment to be gone. */
async function settled(look: () => string[]): Promise<string[]> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const left = look();
    if (left.length === 0 || performance.now() > deadline) return left;
    await sleep(2);
  }
}

/** Open descriptors of this process. */
function descriptors(): string[] {
  return original.readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`${fd} ${original.readlinkSync(`/proc/self/fd/${fd}`)}`];
    } catch {
      return [];
    }
  });
}
