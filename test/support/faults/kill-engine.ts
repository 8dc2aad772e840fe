import { setTimeout as sleep } from 'node:timers/promises';
import { type Assembly, engineOf } from './assembly.js';
import type { CampaignResult } from './campaigns.js';
import type { Combination } from './combinations.js';
import { original } from './host-calls.js';
import { type HostState, hostState, leftOf, type Places, runningChildren } from './left.js';
import { OwnPaths } from './own-paths.js';
import { shareOf } from './selection.js';
import type { Ended, Orders, Victims } from './victim.js';

/** What a killed engine leaves must be taken back in one pass that is as short as this. */
const GC_MS = 2_000;
/** A container ends with its engine: the kernel takes a moment. */
const END_MS = 2_000;
/** In how many kinds of container each point is left to another kind, where not everything is asked for. */
const SHARES = { calls: 2, ops: 4 } as const;

/** Kills `tsbox run` before each of its calls that change the host, from its start to its end. */
export async function killEngineAtEveryCall(victims: Victims, place: KillPlace): Promise<CampaignResult> {
  const kills = new Kills(victims, place);
  const { calls = 0 } = await kills.reference();
  const all = Array.from({ length: calls }, (_, index) => index + 1);
  for (const call of chosen(place, 'calls', all)) await kills.met({ call });
  return kills.result;
}

/** Kills `tsbox run` while the container's first process, or stage one, is at each of its ops. */
export async function killEngineAtEveryOp(victims: Victims, place: KillPlace): Promise<CampaignResult> {
  const kills = new Kills(victims, place);
  const { ops = [] } = await kills.reference();
  for (const op of chosen(place, 'ops', ops)) await kills.met({ op });
  return kills.result;
}

export interface KillPlace {
  /** Of its state; removed after each kill. */
  readonly directory: string;
  readonly image: string;
  readonly one: Combination;
  readonly assembly: Assembly;
  /** Nobody else changes the host meanwhile. */
  readonly alone: boolean;
  /** Which points are tried; by default a share, see {@link SHARES}. */
  readonly choose?: Choose;
}

type Choose = (sort: 'calls' | 'ops', points: readonly number[]) => readonly number[];

function chosen({ one, choose }: KillPlace, sort: keyof typeof SHARES, points: readonly number[]): readonly number[] {
  return choose ? choose(sort, points) : shareOf(points, one.turn, SHARES[sort]);
}

class Kills {
  readonly result: { points: number; survived: number; problems: string[] } = { points: 0, survived: 0, problems: [] };
  readonly #places: Places;
  readonly #command: readonly string[];
  readonly #processes = runningChildren();

  constructor(
    readonly victims: Victims,
    readonly place: KillPlace,
  ) {
    const { directory, image, one, assembly } = place;
    this.#places = { root: `${directory}/root`, runroot: `${directory}/run` };
    const flags = Object.entries(one.values).map(([name, value]) => `--${name}=${value}`);
    const { root, runroot } = this.#places;
    const state = [...(assembly.flags ?? []), `--root=${root}`, `--runroot=${runroot}`];
    this.#command = [...state, 'run', '--rm', '--name=faulty', ...flags, image, 'true'];
  }

  async reference(): Promise<Ended> {
    const ended = await this.victims.run(this.#command);
    this.#clear();
    if (ended.status !== 0) throw new Error(`tsbox run fails without a fault: ${ended.output}`);
    return ended;
  }

  async met(orders: Omit<Orders, 'report'>): Promise<void> {
    const before = this.place.alone ? hostState() : undefined;
    const ended = await this.victims.run(this.#command, orders);
    const { hit } = ended;
    // What it does at its end depends on when its container ends: some runs have fewer calls.
    if (hit === undefined) this.result.survived++;
    else this.result.points++;
    const problems = [
      ...(hit === undefined && ended.status !== 0 ? [`${ended.signal ?? ended.status}: ${ended.output}`] : []),
      ...(await settled(() => runningChildren(this.#processes), END_MS)),
      ...(await this.#collect(before)),
    ];
    if (problems.length > 0)
      this.result.problems.push(`SIGKILL before ${hit ?? JSON.stringify(orders)}: ${problems.join('\n    ')}`);
    this.#clear();
  }

  async #collect(before: HostState | undefined): Promise<string[]> {
    const ids = idsIn(this.#places);
    const paths = new OwnPaths();
    for (const entry of journalled(this.#places)) paths.seeAll(entry);
    const engine = engineOf(this.place.assembly, this.#places);
    const start = performance.now();
    const { failures } = await engine.gc();
    const took = performance.now() - start;
    await engine.close();
    return [
      ...(took > GC_MS ? [`gc took ${Math.round(took)} ms`] : []),
      ...failures.map((failure) => `gc: ${failure.message}: ${(failure.cause as Error)?.message}`),
      ...leftOf(this.#places, ids, before),
      ...paths.left(),
    ];
  }

  #clear(): void {
    original.rmSync(this.place.directory, { recursive: true, force: true });
  }
}

/** What killed engines wrote down before they took it. */
function journalled({ runroot }: Places): unknown[] {
  const directory = `${runroot}/journal`;
  const names = original.existsSync(directory) ? original.readdirSync(directory) : [];
  // Beside them are their owners' marks, which may lead to one that is not there yet.
  const journals = names.filter((name) => name.endsWith('.jsonl'));
  return journals.flatMap((name) => original.readFileSync(`${directory}/${name}`, 'utf8').split('\n').flatMap(parsed));
}

/** The last line may be half of one. */
function parsed(line: string): unknown[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

/** Ids of the containers that a state knows of. */
function idsIn({ root, runroot }: Places): Set<string> {
  const names = [`${root}/containers`, `${runroot}/journal`].flatMap((path) =>
    original.existsSync(path) ? original.readdirSync(path) : [],
  );
  return new Set(names.flatMap((name) => /[0-9a-f]{64}/.exec(name) ?? []));
}

async function settled(look: () => string[], patienceMs: number): Promise<string[]> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const left = look();
    if (left.length === 0 || performance.now() > deadline) return left;
    await sleep(2);
  }
}
