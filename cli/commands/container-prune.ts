import type { Command } from 'commander';
import { durationInMilliseconds } from '../../core/config/parse/duration.js';
import type { ContainerSummary } from '../../core/containers/summary.js';
import { TsboxError } from '../../core/plugin/error.js';
import { confirm } from '../confirm.js';
import { type Filters, readFilters } from '../filter.js';
import { Problems, printDeleted, printReclaimed } from '../pruned.js';
import type { WithEngine } from '../with-engine.js';

const FILTERS = ['label', 'label!', 'until'] as const;

export function defineContainerPrune(command: Command, using: WithEngine): void {
  const collect = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];
  command
    .command('prune')
    .description('remove all containers that do not run')
    .option('-f, --force', 'without asking')
    .option('--filter <filter>', `KEY=VALUE, of ${FILTERS.join(', ')}; until is a time or an age: 24h`, collect)
    .action(({ force = false }: { readonly force?: boolean }, parsed: Command) =>
      using(parsed, async (engine) => {
        const fits = filterOf(readFilters(parsed, FILTERS));
        if (!(await confirm(force, 'This will remove all stopped containers.'))) return 0;
        const { pruneContainers } = await import('../../core/system/prune.js');
        const problems = new Problems();
        const pruned = await pruneContainers(engine, { fits, onError: problems.report });
        printDeleted('Containers', pruned.removed);
        printReclaimed(pruned);
        return problems.status;
      }),
    );
}

function filterOf({
  until = [],
  label = [],
  ['label!']: without = [],
}: Filters): (container: ContainerSummary) => boolean {
  const times = until.map(timeOf);
  return ({ created, labels }) =>
    times.every((time) => Date.parse(created) < time) &&
    label.every((wanted) => hasLabel(labels, wanted)) &&
    !without.some((unwanted) => hasLabel(labels, unwanted));
}

/** Milliseconds since 1970, of an age or a time. @throws TsboxError */
function timeOf(text: string): number {
  const age = durationInMilliseconds(text);
  const time = age === undefined ? Date.parse(text) : Date.now() - age;
  if (!Number.isNaN(time)) return time;
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot use --filter until=${text}`,
    why: 'it is neither a duration nor a time',
    fix: '--filter until=24h, or until=2026-01-31T12:00:00Z',
  });
}

function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const at = wanted.indexOf('=');
  return at < 0 ? Object.hasOwn(labels, wanted) : labels[wanted.slice(0, at)] === wanted.slice(at + 1);
}
