import { runtimeCandidates, runtimeKind } from '../../compare/runtimes/kinds.js';
import { InProcess } from '../../compare/runtimes/own.js';
import type { Runtime, RuntimeLab } from '../../compare/runtimes/runtime.js';
import { makeSubject } from '../../compare/runtimes/subject.js';
import { startToExit, startToOutput } from '../../compare/runtimes/workloads.js';
import type { LibraryEngine } from '../../core/index.js';
import { interleave, type Measure } from '../interleave.js';
import { engineIn, statePlaces, withScratchDisk } from '../scratch.js';
import { sampling, setting } from '../settings.js';
import { printTable } from '../table.js';

/**
 * A launch in a warm engine, against other runtimes that Node spawns, with comparable isolation: the namespaces,
 * mounts, masks and capabilities of tsbox's default, as far as each has them. It is what `compare runtimes` measures.
 */
const SAMPLING = sampling(50, 2);
/** Launches of each kind of this process before all measurements: V8 has compiled then what a launch does. */
const WARM_UP = setting('WARM_UP', 300);
const COLUMNS = ['start to exit', 'start to output'];
/** By name of the candidate, that of the row. */
const ROWS: Readonly<Record<string, string>> = {
  tsbox: 'tsbox in process',
  bwrap: 'bwrap',
  runc: 'runc',
  docker: 'docker',
};

async function main(directory: string): Promise<void> {
  await using engine = await engineIn(directory);
  const lab = await makeLab(engine, directory);
  const opened = (await present(lab)).map((name): [string, Runtime] => [name, runtimeKind(name).open(lab)]);
  try {
    const kinds = opened.map(([name, runtime]): [string, Measure] => [ROWS[name] as string, measureOf(runtime)]);
    const own = [runtimeKind('tsbox').open(lab), new InProcess(lab, { resources: 'none' })].map(measureOf);
    for (let launch = 0; launch < WARM_UP; launch += COLUMNS.length) for (const measure of own) await measure();
    const samples = await interleave({ ...Object.fromEntries(kinds), ...withoutCgroups(lab) }, SAMPLING);
    printTable(COLUMNS, samples, 'runtimes, no network');
  } finally {
    for (const [, runtime] of opened) await runtime.close();
  }
}

/** As bwrap has it, which makes none. */
function withoutCgroups(lab: RuntimeLab): Record<string, Measure> {
  return { 'tsbox in process, no cgroup': measureOf(new InProcess(lab, { resources: 'none' })) };
}

async function makeLab(engine: LibraryEngine, scratch: string): Promise<RuntimeLab> {
  let count = 0;
  const containerName = (runtime: string) => `bench-${runtime}-${process.pid}-${++count}`;
  const { signal } = new AbortController();
  const label = `tsbox.bench=${process.pid}`;
  const context = { engine, paths: statePlaces(scratch), scratch, label, containerName, signal };
  return { context, subject: await makeSubject(context) };
}

/** Those that are here; it is said what each is, and why another is not measured. */
async function present(lab: RuntimeLab): Promise<string[]> {
  const wanted = (await runtimeCandidates(lab)).filter(({ name }) => name in ROWS);
  for (const { name, about, skipped } of wanted)
    console.log(`${name}: ${skipped ? `not measured: ${skipped}` : about}`);
  console.log();
  return wanted.filter(({ skipped }) => skipped === undefined).map(({ name }) => name);
}

function measureOf(runtime: Runtime): Measure {
  const [exit, output] = [startToExit(runtime), startToOutput(runtime)];
  return async () => [await exit(), await output()];
}

await withScratchDisk(main);
