/** Comparisons of drivers and runtimes, as a library: `tsbox/compare`. */

import { setMaxListeners } from 'node:events';
import type { LibraryEngine } from '../core/index.js';
import { packageVersion } from '../core/package-version.js';
import { chooseCandidates, chooseWorkloads } from './choose.js';
import type { ComparisonContext, ComparisonOptions, Plan } from './context.js';
import { readHostFacts, readLoad } from './host-facts.js';
import type { ComparisonKind, Measurement, Report } from './report.js';
import { DEFAULT_WARM_UPS, type Progress, runWorkloads } from './run.js';
import { Workshop } from './workshop.js';

export { compareReports, type Differences } from './against.js';
export { type Conclusions, conclude } from './conclude.js';
export type { ComparisonOptions } from './context.js';
export { reportPage } from './page/index.js';
export { readReport } from './read-report.js';
export * from './report.js';
export { DEFAULT_ROUNDS, DEFAULT_WARM_UPS, type Progress } from './run.js';
export { type Estimate, estimate, parted } from './statistics.js';
export { againstText, reportText, type TextOptions } from './text/index.js';

export interface CompareOptions extends ComparisonOptions {
  /** Samples of each quantity. Default: what each workload takes for enough, at least 20 of what has a spread. */
  readonly rounds?: number;
  /** Rounds before, which are not counted. */
  readonly warmUps?: number;
  /** Ends it; everything is taken back, and the reason is thrown. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Something is not as asked, and goes on all the same. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Measures the same work under each driver, interleaved. Whatever happens, everything that was made is taken back.
 * @throws TsboxError
 */
export async function compare(
  kind: ComparisonKind,
  engine: LibraryEngine,
  options: CompareOptions = {},
): Promise<Report> {
  const { onWarning = () => {} } = options;
  const signal = ownSignal(options.signal);
  const workshop = await Workshop.open(engine, onWarning);
  try {
    return await measure(kind, contextOf(engine, workshop, { ...options, signal, onWarning }), options);
  } finally {
    for (const problem of await workshop.close()) onWarning(`not taken back: ${problem}`);
  }
}

async function measure(kind: ComparisonKind, context: ComparisonContext, options: CompareOptions): Promise<Report> {
  const plan = await planOf(kind, context);
  const candidates = chooseCandidates(kind, plan.candidates, options.drivers);
  const workloads = chooseWorkloads(kind, plan, options);
  const able = candidates.filter(({ skipped }) => skipped === undefined).map(({ name }) => name);
  const { rounds, warmUps = DEFAULT_WARM_UPS, onProgress } = options;
  const { signal, onWarning } = context;
  const before = readLoad();
  const measurements = await runWorkloads({
    ...{ candidates: able, workloads, warmUps, signal, onWarning },
    ...(rounds !== undefined && { rounds }),
    ...(onProgress && { onProgress }),
  });
  return {
    version: 1,
    kind,
    created: new Date().toISOString(),
    tsbox: packageVersion(),
    host: { ...readHostFacts(context.paths.root), load: [before, readLoad()] },
    subject: plan.subject ?? {},
    rounds: roundsOf(measurements),
    warmUps,
    candidates,
    measurements,
  };
}

/** The most of all quantities: what has no spread is measured less often. */
function roundsOf(measurements: readonly Measurement[]): number {
  return Math.max(0, ...measurements.flatMap(({ samples }) => Object.values(samples).map(({ length }) => length)));
}

/** One that every container may listen to, and which is not the caller's. */
function ownSignal(given: AbortSignal | undefined): AbortSignal {
  const signal = AbortSignal.any(given ? [given] : []);
  setMaxListeners(0, signal);
  return signal;
}

/** Each kind is loaded when it is asked for. */
async function planOf(kind: ComparisonKind, context: ComparisonContext): Promise<Plan> {
  switch (kind) {
    case 'storage':
      return (await import('./storage/index.js')).storageWorkloads(context);
    case 'network':
      return (await import('./network/index.js')).networkWorkloads(context);
    case 'runtimes':
      return (await import('./runtimes/index.js')).runtimeWorkloads(context);
  }
}

type Told = Required<Pick<CompareOptions, 'signal' | 'onWarning'>> & CompareOptions;

function contextOf(engine: LibraryEngine, workshop: Workshop, options: Told): ComparisonContext {
  const { signal, onWarning, onProgress = () => {} } = options;
  return {
    engine,
    paths: engine.paths,
    scratch: workshop.scratch,
    label: workshop.label,
    containerName: (candidate) => workshop.containerName(candidate),
    imageName: () => workshop.imageName(),
    options,
    signal,
    onWarning,
    onPreparing: (what) => onProgress({ what, done: 0, total: 0 }),
  };
}
