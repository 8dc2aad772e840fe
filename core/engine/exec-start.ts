import { closeSync } from 'node:fs';
import type { ExitNotice } from '../kernel/exit-notice.js';
import type { WaitStatus } from '../kernel/gate.js';
import { createSealedExecutable } from '../kernel/memfd.js';
import type { ResourceOutcome } from '../plugin/drivers.js';
import type { EncodedProgram } from '../program/encode.js';
import * as images from '../program/launcher/images.js';
import { isAlive } from '../state/process-identity.js';
import type { ChildStdio } from './child-stdio.js';
import { Container, type ContainerParts } from './container.js';
import { NAMESPACE_FLAGS } from './engine-ops.js';
import type { AbortRequest } from './engine-options.js';
import { type CgroupDoors, closeDoors, openDoors } from './exec-doors.js';
import { entryFailure } from './exec-failure.js';
import { type EnteringContext, EnteringView } from './exec-launch.js';
import type { EntryPlan } from './exec-ops.js';
import { recordProgram } from './exec-program.js';
import { EntrySession } from './exec-session.js';
import type { ExecTarget } from './exec-target.js';
import type { HookBus } from './hook-bus.js';
import type { LaunchState } from './launch-state.js';
import { nullDevices } from './null-devices.js';

export interface EntryServices extends EnteringContext {
  readonly bus: HookBus;
  readonly notice: ExitNotice;
}

/** One command that is to run in a container. */
export interface Entry {
  /** The container, as the user called it. */
  readonly reference: string;
  readonly state: LaunchState;
  readonly target: ExecTarget;
  readonly stdio: ContainerParts['stdio'] & Pick<ChildStdio, 'childFds' | 'started'> & { close(): void };
  readonly detached: boolean;
  readonly signal: AbortRequest | undefined;
}

const SIGKILL = 9;

/** Starts it. @returns the command when it runs; undefined for a detached one. @throws TsboxError why it does not */
export async function startCommand(entry: Entry, services: EntryServices): Promise<Container | undefined> {
  const { state, stdio, detached } = entry;
  const outcome = outcomeOf(state);
  const doors = openDoors(state);
  let started: { session: EntrySession; program: EncodedProgram };
  try {
    started = await spawn(entry, services, doors);
  } finally {
    closeDoors(doors);
  }
  stdio.started();
  const { session } = started;
  try {
    const left = await session.entered(entry.signal);
    await throwFailure(entry, services, { ...started, left });
    return detached ? undefined : commandOf(entry, services, session.command, outcome);
  } finally {
    session.close();
  }
}

/**
 * With a launcher of its own, not the engine's: a process in the container can get hold of it by
 * /proc/PID/exe, and whoever has it open for writing, which its seals do not forbid, keeps everybody from
 * executing it (ETXTBSY).
 */
async function spawn(entry: Entry, { gate, bus, notice }: EntryServices, doors: CgroupDoors) {
  const { state, target, stdio } = entry;
  const program = await recordProgram(state, planOf(entry, doors), bus);
  const { childFds } = stdio;
  const launcher = createSealedExecutable(gate, 'tsbox-launcher', Buffer.from(images[gate.arch], 'base64'));
  try {
    const session = new EntrySession({ gate, notice, launcher, program, childFds, target: target.pidfd, ...doors });
    return { session, program };
  } finally {
    closeSync(launcher);
  }
}

function planOf({ target, stdio, detached }: Entry, { cgroup, files }: CgroupDoors): EntryPlan {
  const namespaceNames = [...target.namespaces];
  return {
    namespaces: namespaceNames.reduce((flags, name) => flags | NAMESPACE_FLAGS[name], 0n),
    namespaceNames,
    idMaps: target.idMaps,
    cgroup: cgroup !== undefined,
    files: files.length,
    nullFds: nullDevices(stdio.childFds),
    detached,
    engine: process.pid,
  };
}

/** After a failure there is no command, and no zombie of one. */
async function throwFailure(
  { reference, state, target, detached }: Entry,
  { gate, notice }: EntryServices,
  run: { readonly session: EntrySession; readonly program: EncodedProgram; readonly left: WaitStatus },
): Promise<void> {
  const { command, spec } = state;
  const lives = () => isAlive(target.process);
  const failure = entryFailure({ ...run, command, reference, spec, lives });
  if (!failure) return;
  const { explainEntry } = await import('./explained.js');
  const explained = await explainEntry(failure, state, target.root);
  const pid = run.session.command;
  if (pid > 0 && !detached) {
    const pidfd = gate.call('pidfd_open', pid, 0);
    gate.attempt('pidfd_send_signal', pidfd, SIGKILL, null, 0);
    await new Promise((resolve) => notice.watch(pidfd, resolve));
    closeSync(pidfd);
  }
  throw explained;
}

function commandOf(
  { state, stdio }: Entry,
  { gate, notice }: EntryServices,
  pid: number,
  outcome: (status: WaitStatus) => ResourceOutcome,
): Container {
  const { id, name } = state;
  const finish: ContainerParts['finish'] = async (status) => {
    stdio.close();
    return { ...outcome(status), undoErrors: [] };
  };
  // Ours until it is waited for: its pid cannot be another's by now.
  const pidfd = gate.call('pidfd_open', pid, 0);
  return new Container({ id, name, pid, pidfd, gate, notice, stdio, finish });
}

/** The counter is the container's: of a kill before this command nobody could tell whose it is. */
function outcomeOf(state: LaunchState): (status: WaitStatus) => ResourceOutcome {
  const { driver, plugin } = state.drivers.resources;
  const ask = (status: WaitStatus) =>
    driver.outcome?.(new EnteringView(state, plugin, 'postStop', { detached: false }), status);
  const before = ask({ exitCode: 0, signal: null })?.oomKilled;
  const none = { oomKilled: false };
  return (status) => (status.signal === SIGKILL && !before ? (ask(status) ?? none) : none);
}
