import { setTimeout as sleep } from 'node:timers/promises';
import type { RunSettings } from '../../../core/config/run-options.js';
import { removeContainer } from '../../../core/containers/remove.js';
import { startContainer } from '../../../core/containers/start.js';
import { listContainers } from '../../../core/state/containers.js';
import { type Assembly, engineOf } from './assembly.js';
import type { CampaignResult } from './campaigns.js';
import { original } from './host-calls.js';
import { type HostState, hostState, leftOf, type Places, runningChildren } from './left.js';
import type { Victims } from './victim.js';

const NAME = 'faulty';
/** By default every third call of a stage: all of them take two minutes. */
const STEP = process.env.TSBOX_FAULTS === 'all' ? 1 : 3;
const USABLE = ['created', 'running', 'exited', 'removing'];

/** A command that is killed on its way. */
export type Stage = 'run -d' | 'start' | 'stop' | 'rm -f';

export interface LifecycleLab {
  readonly directory: string;
  readonly image: string;
  readonly values: RunSettings;
  readonly assembly: Assembly;
}

/**
 * Kills a command on a detached container before each of its calls that change the host. Afterwards there
 * is a container that can be started and removed, or nothing at all.
 */
export async function killLifecycle(victims: Victims, lab: LifecycleLab, stage: Stage): Promise<CampaignResult> {
  const places = { root: `${lab.directory}/root`, runroot: `${lab.directory}/run` };
  const commands = commandsOf(lab, places);
  const before = commands.before[stage];
  const result = { points: 0, survived: 0, problems: [] as string[] };
  const hostBefore = hostState();
  for (const command of before) await done(victims, command);
  const { calls = 0 } = await victims.run(commands.killed[stage]);
  await cleared(lab, places, hostBefore);
  for (let call = 1; call <= calls; call += STEP) {
    for (const command of before) await done(victims, command);
    const { hit, status, output } = await victims.run(commands.killed[stage], { call });
    if (hit === undefined) result.survived += 1;
    else result.points += 1;
    const problems = await usable(lab.assembly, places, stage);
    problems.push(...(await cleared(lab, places, hostBefore)));
    if (hit === undefined && status !== 0) problems.push(`it failed: ${output}`);
    if (problems.length > 0) result.problems.push(`SIGKILL of ${stage} before ${hit}: ${problems.join('\n    ')}`);
  }
  return result;
}

function commandsOf({ image, values, assembly }: LifecycleLab, { root, runroot }: Places) {
  const state = [...(assembly.flags ?? []), `--root=${root}`, `--runroot=${runroot}`];
  const flags = Object.entries(values).map(([name, value]) => `--${name}=${value}`);
  const run = [...state, 'run', '-d', `--name=${NAME}`, ...flags, image, 'sleep', '600'];
  const stop = [...state, 'stop', '-t', '0', NAME];
  return {
    before: { 'run -d': [], start: [run, stop], stop: [run], 'rm -f': [run] },
    killed: { 'run -d': run, start: [...state, 'start', NAME], stop, 'rm -f': [...state, 'rm', '-f', NAME] },
  };
}

async function done(victims: Victims, command: readonly string[]): Promise<void> {
  const { status, output } = await victims.run(command);
  if (status !== 0) throw new Error(`tsbox ${command.join(' ')}: ${output}`);
}

/** What is listed after one pass of gc can be started again. */
async function usable(assembly: Assembly, places: Places, stage: Stage): Promise<string[]> {
  await using engine = engineOf(assembly, places);
  const problems: string[] = [];
  const { failures } = await engine.gc();
  problems.push(...failures.map((failure) => `gc: ${failure.message}`));
  const containers = listContainers(places.root, (error) => problems.push(`list: ${error.message}`));
  if (containers.length === 0 && (stage === 'start' || stage === 'stop')) problems.push('the container is gone');
  for (const { record, state } of containers) {
    if (!USABLE.includes(state) || record.name !== NAME) problems.push(`it is ${record.name} ${state}`);
    if (state === 'removing') continue;
    await startContainer(engine, NAME).catch((error: Error) => problems.push(`start: ${error.message}`));
  }
  return problems;
}

/** Removes it, and looks what is left. */
async function cleared({ assembly, directory }: LifecycleLab, places: Places, before: HostState): Promise<string[]> {
  const problems: string[] = [];
  await using engine = engineOf(assembly, places);
  const ids = listContainers(places.root, () => {}).map(({ record }) => record.id);
  await removeContainer(engine, NAME, { force: true }).catch((error: Error) =>
    problems.push(`rm -f: ${error.message}`),
  );
  await engine.gc();
  const deadline = performance.now() + 2_000;
  while (runningChildren().length > 0 && performance.now() < deadline) await sleep(2);
  problems.push(...runningChildren(), ...leftOf(places, ids, before), ...names(`${places.runroot}/live`));
  original.rmSync(directory, { recursive: true, force: true });
  return problems;
}

function names(directory: string): string[] {
  return original.existsSync(directory) ? original.readdirSync(directory) : [];
}
