import { TsboxError } from '../core/plugin/error.js';
import { nearest } from '../core/plugin/nearest.js';
import type { ComparisonOptions, Plan } from './context.js';
import type { Candidate, ComparisonKind } from './report.js';
import type { Workload } from './workload.js';

/** Name of the workload that is the user's own. */
export const OWN_WORKLOAD = 'command';

/** Those that were asked for, in that order; all others where none was. @throws TsboxError */
export function chooseCandidates(
  kind: ComparisonKind,
  all: readonly Candidate[],
  asked: readonly string[] | undefined,
): readonly Candidate[] {
  const noun = kind === 'runtimes' ? 'runtime' : `${kind} driver`;
  const names = all.map(({ name }) => name);
  const chosen = asked
    ? [...new Set(asked)].map(
        (name) => all[names.indexOf(name)] ?? unknown('ERR_TSBOX_NO_SUCH_DRIVER', noun, name, names),
      )
    : all;
  if (chosen.some(({ skipped }) => skipped === undefined)) return chosen;
  throw new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', {
    what: `cannot compare ${kind}`,
    why: chosen.map(({ name, skipped }) => `${name}: ${skipped}`).join('; ') || `there is no ${noun}`,
    fix: 'tsbox doctor says what each driver needs of this host',
  });
}

/** Those that were asked for, by their own names or those of what they yield, in the order of the report. @throws TsboxError */
export function chooseWorkloads(
  kind: ComparisonKind,
  { workloads }: Plan,
  { workloads: asked, command }: ComparisonOptions,
): readonly Workload[] {
  const names = workloads.map(({ name }) => name);
  const wanted = asked ? [...asked, ...(command ? [OWN_WORKLOAD] : [])] : command ? [OWN_WORKLOAD] : names;
  const namesOf = ({ name, yields }: Workload) => [name, ...yields.map((one) => one.name)];
  const known = [...new Set(workloads.flatMap(namesOf))];
  for (const name of wanted) if (!known.includes(name)) unknown('ERR_TSBOX_USAGE', `workload for ${kind}`, name, known);
  return workloads.filter((workload) => namesOf(workload).some((name) => wanted.includes(name)));
}

function unknown(
  code: 'ERR_TSBOX_USAGE' | 'ERR_TSBOX_NO_SUCH_DRIVER',
  noun: string,
  name: string,
  known: string[],
): never {
  const meant = nearest(name, known);
  throw new TsboxError(code, {
    what: `there is no ${noun} ${JSON.stringify(name)}`,
    why: known.length > 0 ? `there are ${known.join(', ')}` : 'there is none at all',
    ...(meant && { fix: `did you mean ${meant}?` }),
  });
}
