import { nearest } from '../plugin/nearest.js';
import type { Contribution } from './contributions.js';
import { refusal } from './refusal.js';
import { conditionOf } from './service-parts.js';
import type { Condition, ResolvedService } from './types.js';

/** A service, and what it waits for as it was written. */
interface Draft {
  readonly service: ResolvedService;
  readonly wanted: ReadonlyMap<string, Contribution>;
}

/** Completes `dependsOn`. @throws TsboxError with file and line for a service that is not there, and for a circle */
export async function completeDependencies(name: string, drafts: readonly Draft[]): Promise<ResolvedService[]> {
  const byName = new Map(drafts.map((draft) => [draft.service.name, draft]));
  const complete: ResolvedService[] = [];
  for (const { service, wanted } of drafts) {
    const dependsOn = new Map<string, Condition>();
    for (const [other, contribution] of wanted) {
      const found = byName.get(other);
      if (!found) throw await unknownService(name, other, contribution, [...byName.keys()]);
      if (contribution.value === 'ready' && !found.service.ready) throw await neverReady(name, other, contribution);
      dependsOn.set(other, conditionOf(contribution, found.service));
    }
    complete.push({ ...service, dependsOn });
  }
  await refuseCircles(name, byName);
  return complete;
}

function unknownService(name: string, other: string, { source, path }: Contribution, known: readonly string[]) {
  const meant = nearest(other, known);
  return refusal(`cannot resolve the environment ${JSON.stringify(name)}`, {
    file: source.file ?? '',
    path,
    why: `it has no service ${JSON.stringify(other)}; there are ${known.join(', ')}`,
    fix: meant ? `did you mean ${meant}?` : [],
  });
}

function neverReady(name: string, other: string, { source, path }: Contribution) {
  return refusal(`cannot resolve the environment ${JSON.stringify(name)}`, {
    file: source.file ?? '',
    path,
    why: `${other} has no "ready", so nobody can tell when it is`,
    fix: [`give ${other} one: ready: { port: 80 }`, `or wait until it runs: ${other}: started`],
  });
}

async function refuseCircles(name: string, drafts: ReadonlyMap<string, Draft>): Promise<void> {
  const done = new Set<string>();
  const visit = async (service: string, stack: readonly string[]): Promise<void> => {
    if (done.has(service)) return;
    for (const [other, { source, path }] of drafts.get(service)?.wanted ?? []) {
      const chain = [...stack, service];
      if (chain.includes(other)) {
        throw await refusal(`cannot resolve the environment ${JSON.stringify(name)}`, {
          file: source.file ?? '',
          path,
          why: `services wait for each other: ${[...chain.slice(chain.indexOf(other)), other].join(' -> ')}`,
          fix: 'leave one of them out',
        });
      }
      await visit(other, chain);
    }
    done.add(service);
  };
  for (const service of drafts.keys()) await visit(service, []);
}
