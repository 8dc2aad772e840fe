import type { WaitStatus } from '../kernel/gate.js';
import type { ResourceOutcome } from '../plugin/drivers.js';
import { identify } from '../state/process-identity.js';
import { type ContainerRecord, readRecord } from '../state/record.js';
import type { Child } from './child.js';
import { Container, type Finish } from './container.js';
import { explainEnd } from './explained.js';
import type { LaunchTrace } from './launch-trace.js';
import type { Lifecycle, SpawnOptions } from './lifecycle.js';
import { tellCreatedAndStarted, tellDestroyed, tellDied } from './lifecycle-events.js';
import { ContainerStdio, pipeOwner, type StdioOptions } from './stdio.js';

export interface StartOptions extends SpawnOptions {
  readonly stdio: StdioOptions;
}

/** Steps 5 to 7: clone, postClone, go. @returns the running container, a child of this process */
export async function startForeground(lifecycle: Lifecycle, options: StartOptions): Promise<Container> {
  const { state } = lifecycle;
  const stdio = new ContainerStdio(state.gate, options.stdio, state.spec.tty, pipeOwner(state));
  const child = lifecycle.spawn(stdio, options);
  await lifecycle.workDuringClone();
  await unlessEnded(lifecycle, child, () => lifecycle.letPass(child));
  if (lifecycle.hasPostClone && (await child.atBarrier())) {
    lifecycle.phase('postClone');
    await unlessEnded(lifecycle, child, () => lifecycle.run('postClone'));
    lifecycle.letGo(child);
  }
  // While the child is at work: also what was left after it had been let pass.
  await lifecycle.workDuringClone();
  child.identify();
  // A handler of postStart may still add to what is to be remembered.
  const rememberNow = lifecycle.services.bus.isIdle('postStart');
  if (rememberNow) lifecycle.remember();
  await lifecycle.executed(child);
  lifecycle.phase('postStart');
  await lifecycle.run('postStart');
  if (!rememberNow) lifecycle.remember();
  return container(lifecycle, child, stdio, await lifecycle.timeline());
}

/** Step 6. What cannot be done to a child that has failed meanwhile, or is ending, failed because of that. @throws TsboxError */
async function unlessEnded(lifecycle: Lifecycle, child: Child, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (child.opFailed || child.isEnding) await lifecycle.executed(child);
    throw error;
  }
}

function container(lifecycle: Lifecycle, child: Child, stdio: ContainerStdio, timeline?: LaunchTrace): Container {
  const { id, name, gate } = lifecycle.state;
  const pid = lifecycle.state.pid as number;
  const started = new Date().toISOString();
  const owned = { process: child.identity ?? identify(pid), owner: identify(process.pid), started };
  lifecycle.record('running', owned);
  const { notice, events, work } = lifecycle.services;
  tellCreatedAndStarted(lifecycle.state, events);
  const finish: Finish = (status) => work.during(() => finishForeground(lifecycle, status, stdio, owned));
  return new Container({ id, name, pid, pidfd: lifecycle.release(child), gate, notice, timeline, stdio, finish });
}

/** The command has ended: the drivers are asked, the end is written down, everything is taken back. */
async function finishForeground(
  lifecycle: Lifecycle,
  status: WaitStatus,
  stdio: ContainerStdio,
  { started }: { readonly started: string },
): Promise<Awaited<ReturnType<Finish>>> {
  const { spec } = lifecycle.state;
  const { bus, events } = lifecycle.services;
  const failures: Error[] = [];
  let outcome: ResourceOutcome = { oomKilled: false };
  try {
    outcome = lifecycle.outcome(status);
    if (status.exitCode && outcome.explanation === undefined)
      outcome = await explainEnd(lifecycle.state, status, outcome);
    const context = (plugin: string) => ({ launch: lifecycle.view(plugin, 'postStop'), status });
    await bus.run('postStop', context, lifecycle.state.observer);
    tellDied(lifecycle.state, events, { ...status, ...outcome });
    if (!spec.remove) recordEnd(lifecycle, status, outcome, started);
  } catch (error) {
    failures.push(error as Error);
  }
  stdio.close();
  failures.push(...(await lifecycle.undo(!spec.remove)));
  if (spec.remove) tellDestroyed(lifecycle.state, events);
  return { ...outcome, undoErrors: failures };
}

function recordEnd(lifecycle: Lifecycle, status: WaitStatus, { oomKilled }: ResourceOutcome, started: string): void {
  const exitCode = status.exitCode ?? 128 + (status.signal ?? 0);
  const meanwhile = changedMeanwhile(lifecycle);
  lifecycle.record('exited', { ...meanwhile, exitCode, oomKilled, started, finished: new Date().toISOString() });
}

/** What others may have written while it ran: another name, other networks. A damaged record is replaced. */
function changedMeanwhile({ state }: Lifecycle): Partial<ContainerRecord> {
  try {
    const { name, networks } = readRecord(state.paths.container) ?? {};
    return { ...(name !== undefined && { name }), ...(networks && { networks }) };
  } catch {
    return {};
  }
}
