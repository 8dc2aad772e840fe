import { EventEmitter } from 'eventemitter3';
import type { WaitStatus } from '../kernel/gate.js';
import { containerEvent, type EventsFile } from '../state/events.js';
import type { LaunchState } from './launch-state.js';
import type { LaunchKind } from './observer.js';

/** Which container. */
export interface ContainerIdentity {
  /** 64 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ContainerStarted extends ContainerIdentity {
  /** The command, in the pid namespace of this process. */
  readonly pid: number;
}

export interface ContainerDied extends ContainerIdentity, WaitStatus {
  /** As a shell has it: the exit code, or 128 + signal. */
  readonly status: number;
  readonly oomKilled: boolean;
}

export interface LaunchFailed {
  readonly kind: LaunchKind;
  readonly image: string;
  readonly command: readonly string[];
  /** What the caller gets as well. The host is as it was. */
  readonly error: unknown;
}

/**
 * What happens to the containers that an engine starts, as far as it sees it. Of one that outlives the
 * engine it sees the start; `events()` sees what all engines and monitors do.
 */
export interface LifecycleEvents {
  /** It has an id and a name, and is listed. */
  create: (container: ContainerIdentity) => void;
  /** Its command runs. */
  start: (container: ContainerStarted) => void;
  /** Its command has ended; what it had is about to be taken back. */
  die: (container: ContainerDied) => void;
  /** Nothing of it is left. */
  destroy: (container: ContainerIdentity) => void;
  /** A launch failed, and was undone. */
  fail: (launch: LaunchFailed) => void;
}

/** A listener that throws harms no launch: its error is thrown where nobody is in the way, as an uncaught one. */
export class LifecycleEmitter extends EventEmitter<LifecycleEvents> {
  /** @param file for whoever follows the events of all engines; closed by the engine */
  constructor(readonly file: EventsFile) {
    super();
  }

  tell<Name extends keyof LifecycleEvents>(name: Name, event: Parameters<LifecycleEvents[Name]>[0]): void {
    try {
      this.emit(name, ...([event] as never));
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

export function tellCreated(state: LaunchState, to: LifecycleEmitter): void {
  append(state, to, 'create');
  to.tell('create', identityOf(state));
}

/** Both of a container that is new, at once. */
export function tellCreatedAndStarted(state: LaunchState, to: LifecycleEmitter): void {
  const identity = identityOf(state);
  to.file.append(containerEvent('create', identity), containerEvent('start', identity));
  to.tell('create', identity);
  to.tell('start', { ...identity, pid: state.pid as number });
}

export function tellStarted(state: LaunchState, to: LifecycleEmitter): void {
  append(state, to, 'start');
  to.tell('start', { ...identityOf(state), pid: state.pid as number });
}

export function tellDied(state: LaunchState, to: LifecycleEmitter, end: WaitStatus & { oomKilled: boolean }): void {
  const { exitCode, signal, oomKilled } = end;
  const status = exitCode ?? 128 + (signal ?? 0);
  append(state, to, 'die', { exitCode: String(status) });
  to.tell('die', { ...identityOf(state), exitCode, signal, status, oomKilled });
}

export function tellDestroyed(state: LaunchState, to: LifecycleEmitter): void {
  append(state, to, 'destroy');
  to.tell('destroy', identityOf(state));
}

function append(
  state: LaunchState,
  { file }: LifecycleEmitter,
  action: string,
  more: Readonly<Record<string, string>> = {},
): void {
  file.append(containerEvent(action, identityOf(state), more));
}

function identityOf({ id, name, spec }: LaunchState): ContainerIdentity {
  return { id, name, image: spec.image, labels: spec.labels };
}
