import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runtimeCandidates, runtimeKind } from '../../compare/runtimes/kinds.js';
import type { Runtime, RuntimeLab } from '../../compare/runtimes/runtime.js';
import { makeSubject } from '../../compare/runtimes/subject.js';
import { startToExit, startToOutput } from '../../compare/runtimes/workloads.js';
import { estimate } from '../../compare/statistics.js';
import { createEngine, type LibraryEngine } from '../../core/index.js';
import { interleave, type Measure, printTable } from '../interleave.js';

/**
 * A launch in a warm engine, against other runtimes that Node spawns, with comparable isolation: the namespaces,
 * mounts, masks and capabilities of tsbox's default, as far as each has them. What `compare runtimes` measures.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 50);
const PER_ROUND = Number(process.env.PER_ROUND ?? 2);
const OURS = 'tsbox';
/** How many times as long as tsbox they are to take at least. */
const ASKED: Readonly<Record<string, number>> = { bwrap: 2, runc: 6, docker: 50 };
const COLUMNS = {
  'start to exit': startToExit,
  'start to output': startToOutput,
};

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tsbox-bench-'));
  const [root, runroot] = [join(directory, 'root'), join(directory, 'run')];
  mkdirSync(join(root, 'containers'), { recursive: true });
  try {
    await using engine = await createEngine({ root, runroot });
    const lab = await makeLab(engine, directory, { root, runroot });
    const here = await present(lab);
    for (const [title, measure] of Object.entries(COLUMNS)) await compareAll(title, measure, lab, here);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function makeLab(engine: LibraryEngine, scratch: string, paths: RuntimeLab['context']['paths']) {
  let count = 0;
  const containerName = (runtime: string) => `bench-${runtime}-${process.pid}-${++count}`;
  const signal = new AbortController().signal;
  const context = { engine, paths, scratch, label: `tsbox.bench=${process.pid}`, containerName, signal };
  return { context, subject: await makeSubject(context) };
}

/** Those that are asked for and here; the others are named. */
async function present(lab: RuntimeLab): Promise<string[]> {
  const wanted = [OURS, ...Object.keys(ASKED)];
  const all = (await runtimeCandidates(lab)).filter(({ name }) => wanted.includes(name));
  for (const { name, about, skipped } of all) console.log(`${name}: ${skipped ? `not measured, ${skipped}` : about}`);
  console.log();
  return wanted.filter((name) => all.some((found) => found.name === name && found.skipped === undefined));
}

async function compareAll(
  title: string,
  measure: (runtime: Runtime) => () => Promise<number>,
  lab: RuntimeLab,
  names: readonly string[],
): Promise<void> {
  const runtimes = names.map((name) => runtimeKind(name).open(lab));
  try {
    const kinds = names.map((name, index): [string, Measure] => {
      const once = measure(runtimes[index] as Runtime);
      return [name, async () => [await once()]];
    });
    const samples = await interleave(Object.fromEntries(kinds), { rounds: ROUNDS, perRound: PER_ROUND });
    printTable([title], samples);
    for (const name of names) if (name !== OURS) console.log(verdict(name, samples));
    console.log();
  } finally {
    for (const runtime of runtimes) await runtime.close();
  }
}

/** What was asked for holds where it does for all that the two intervals allow. */
function verdict(name: string, samples: ReadonlyMap<string, readonly (readonly number[])[]>): string {
  const of = (runtime: string) => estimate((samples.get(runtime) ?? []).map(([value]) => value as number));
  const [own, other] = [of(OURS), of(name)];
  const [low, ratio, high] = [other.low / own.high, other.median / own.median, other.high / own.low];
  const asked = ASKED[name] as number;
  const found = low >= asked ? 'holds' : high < asked ? 'does not hold' : 'cannot be told from it';
  const range = `${low.toFixed(2)} to ${high.toFixed(2)}`;
  return `${name} takes ${ratio.toFixed(2)} times as long as tsbox (${range}): at least ${asked} ${found}`;
}

await main();
