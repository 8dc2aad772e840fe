import { setTimeout as sleep } from 'node:timers/promises';
import type { RunSettings } from '../../../core/config/run-options.js';
import { Engine } from '../../../core/engine/index.js';
import { builtins } from '../../../plugins/builtins.js';
import type { CampaignResult } from './campaigns.js';
import { original } from './host-calls.js';
import { leftOf, links, type Places, runningChildren } from './left.js';
import type { Ended, Orders, Victims } from './victim.js';

/** What a killed engine leaves must be taken back in one pass that is as short as this. */
const GC_MS = 2_000;
/** A container ends with its engine: the kernel takes a moment. */
const END_MS = 2_000;

/** Kills `tsbox run` before each of its calls that change the host, from its start to its end. */
export async function killEngineAtEveryCall(
  victims: Victims,
  directory: string,
  image: string,
  values: RunSettings,
): Promise<CampaignResult> {
  const kills = new Kills(victims, directory, image, values);
  const { calls = 0 } = await kills.reference();
  for (let call = 1; call <= calls; call++) await kills.met({ call });
  return kills.result;
}

/** Kills `tsbox run` while the container's first process, or stage one, is at each of its ops. */
export async function killEngineAtEveryOp(
  victims: Victims,
  directory: string,
  image: string,
  values: RunSettings,
): Promise<CampaignResult> {
  const kills = new Kills(victims, directory, image, values);
  const { ops = [] } = await kills.reference();
  for (const op of ops) await kills.met({ op });
  return kills.result;
}

class Kills {
  readonly result: { points: number; survived: number; problems: string[] } = { points: 0, survived: 0, problems: [] };
  readonly #places: Places;
  readonly #command: readonly string[];

  constructor(
    readonly victims: Victims,
    readonly directory: string,
    image: string,
    values: RunSettings,
  ) {
    this.#places = { root: `${directory}/root`, runroot: `${directory}/run` };
    const flags = Object.entries(values).map(([name, value]) => `--${name}=${value}`);
    const { root, runroot } = this.#places;
    this.#command = [`--root=${root}`, `--runroot=${runroot}`, 'run', '--rm', '--name=faulty', ...flags, image, 'true'];
  }

  async reference(): Promise<Ended> {
    const ended = await this.victims.run(this.#command);
    original.rmSync(this.directory, { recursive: true, force: true });
    if (ended.status !== 0) throw new Error(`tsbox run fails without a fault: ${ended.output}`);
    return ended;
  }

  async met(orders: Omit<Orders, 'report'>): Promise<void> {
    const before = links();
    const { hit, signal, status, output } = await this.victims.run(this.#command, orders);
    if (hit === undefined) {
      // What it does at its end depends on when its container ends: some have fewer calls.
      this.result.survived += 1;
      if (status !== 0) this.result.problems.push(`${JSON.stringify(orders)}: ${signal ?? status}: ${output}`);
    } else this.result.points += 1;
    const problems = [...(await settled(runningChildren, END_MS)), ...(await this.#collect(before))];
    if (problems.length > 0) this.result.problems.push(`SIGKILL before ${hit}: ${problems.join('\n    ')}`);
    original.rmSync(this.directory, { recursive: true, force: true });
  }

  async #collect(before: readonly string[]): Promise<string[]> {
    const ids = idsIn(this.#places);
    const engine = new Engine({ ...this.#places, plugins: builtins });
    const start = performance.now();
    const { failures } = await engine.gc();
    const took = performance.now() - start;
    await engine.close();
    const left = leftOf(this.#places, ids, before);
    const slow = took > GC_MS ? [`gc took ${Math.round(took)} ms`] : [];
    return [
      ...slow,
      ...left,
      ...failures.map((failure) => `gc: ${failure.message}: ${(failure.cause as Error)?.message}`),
    ];
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
