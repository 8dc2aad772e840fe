import { TsboxError } from '../plugin/error.js';
import { outsideId } from '../plugin/id-maps.js';
import type { Spec } from '../plugin/spec.js';
import type { Container } from './container.js';
import type { AbortRequest } from './engine-options.js';
import { type ExecSpec, enteringState } from './exec-launch.js';
import { type EntryServices, startCommand } from './exec-start.js';
import { closeTarget, type ExecTarget, openTarget } from './exec-target.js';
import { ExecTerminal } from './exec-terminal.js';
import type { LaunchState } from './launch-state.js';
import { ContainerStdio, pipeOwner, type StdioOptions } from './stdio.js';

export interface ExecOptions extends ExecSpec {
  /** Default `pipe`; with a terminal there is one duplex stream instead. */
  readonly stdio?: StdioOptions;
  /** Kills the command. */
  readonly signal?: AbortRequest;
  /** Kills the command after so many milliseconds. */
  readonly timeout?: number;
}

/**
 * Executes a command in a container that runs, with the container's own rights. Resolves when it runs; it
 * ends with this process.
 *
 * There is no journal, because nothing is acquired that outlives its processes: pipes and terminals end with
 * their last descriptor, the program lies in memory, and the command is in the container's cgroups and pid
 * namespace, so that it ends with the container in any case.
 * @throws TsboxError where it is not there or does not run, or why the command could not be executed
 */
export async function execInContainer(
  reference: string,
  options: ExecOptions,
  services: EntryServices,
): Promise<Container> {
  return (await enter(reference, options, services, false)) as Container;
}

/** The same with a command that goes on when this process ends, and has no streams. Resolves when it runs. */
export async function execDetached(reference: string, asked: ExecSpec, services: EntryServices): Promise<void> {
  await enter(reference, { ...asked, tty: false, stdio: 'ignore' }, services, true);
}

async function enter(
  reference: string,
  options: ExecOptions,
  services: EntryServices,
  detached: boolean,
): Promise<Container | undefined> {
  const { signal } = options;
  if (options.command.length === 0) throw noCommand(reference);
  signal?.throwIfAborted();
  const target = openTarget(services.gate, services.paths.root, reference);
  try {
    const state = await enteringState(target, options, services);
    const stdio = openStdio(state, target, options);
    try {
      return await startCommand({ reference, state, target, stdio, detached, signal }, services);
    } catch (error) {
      stdio.destroy();
      throw error;
    }
  } finally {
    closeTarget(target);
  }
}

function openStdio(state: LaunchState, target: ExecTarget, { stdio, terminalSize }: ExecOptions) {
  const { gate, spec } = state;
  if (!spec.tty) return new ContainerStdio(gate, stdio ?? 'pipe', false, pipeOwner(state));
  return new ExecTerminal(gate, target.root, terminalOwner(state), terminalSize as Spec['terminalSize']);
}

/** Only root can give it away from here; elsewhere root of the container does. */
function terminalOwner({ host, command, idMaps }: LaunchState): number | undefined {
  return host.privileged ? outsideId(command.uid, idMaps?.uids) : undefined;
}

function noCommand(reference: string): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot execute a command in ${reference}`,
    why: 'there is none',
    fix: `tsbox exec ${reference} COMMAND`,
  });
}
