import type { Condition, ResolvedEnvironment, ResolvedService } from '../environments/types.js';
import { TsboxError } from '../plugin/error.js';
import { nearest } from '../plugin/nearest.js';

export interface Selection {
  /** Names of services; none means all without profiles, and those of the chosen profiles. */
  readonly services?: readonly string[];
  /** `*` is every profile. */
  readonly profiles?: readonly string[];
  /** Only what is named, without what that needs. */
  readonly noDependencies?: boolean;
}

/** A service that is to run, with what it waits for among those that are to run too. */
export interface SelectedService {
  readonly service: ResolvedService;
  readonly waitsFor: ReadonlyMap<string, Condition>;
}

/**
 * Which services are to run: each after those that it waits for.
 * @throws TsboxError on an unknown name, and on services that wait for each other in a circle
 */
export function selectServices(environment: ResolvedEnvironment, selection: Selection = {}): SelectedService[] {
  const byName = new Map(environment.services.map((service) => [service.name, service]));
  const wanted = wantedServices(environment, byName, selection);
  const order: ResolvedService[] = [];
  const visit = (service: ResolvedService, path: readonly string[]): void => {
    if (path.includes(service.name)) throw circle([...path.slice(path.indexOf(service.name)), service.name], service);
    if (order.includes(service)) return;
    for (const name of selection.noDependencies ? [] : service.dependsOn.keys())
      visit(needed(byName, name, service), [...path, service.name]);
    order.push(service);
  };
  for (const service of wanted) visit(service, []);
  const running = new Set(order.map(({ name }) => name));
  return order.map((service) => ({
    service,
    waitsFor: new Map([...service.dependsOn].filter(([name]) => running.has(name))),
  }));
}

function wantedServices(
  { name, services }: ResolvedEnvironment,
  byName: ReadonlyMap<string, ResolvedService>,
  { services: named = [], profiles = [] }: Selection,
): readonly ResolvedService[] {
  const known = new Set(services.flatMap((service) => service.profiles));
  for (const profile of profiles)
    if (profile !== '*' && !known.has(profile)) throw unknown('profile', profile, name, [...known]);
  if (named.length === 0) return services.filter((service) => isOn(service, profiles));
  return named.map((wanted) => {
    const service = byName.get(wanted);
    if (!service) throw unknown('service', wanted, name, [...byName.keys()]);
    return service;
  });
}

function isOn({ profiles }: ResolvedService, chosen: readonly string[]): boolean {
  return profiles.length === 0 || chosen.includes('*') || profiles.some((profile) => chosen.includes(profile));
}

function needed(
  byName: ReadonlyMap<string, ResolvedService>,
  name: string,
  { name: own, origins }: ResolvedService,
): ResolvedService {
  const service = byName.get(name);
  if (service) return service;
  const meant = nearest(name, [...byName.keys()]);
  throw new TsboxError('ERR_TSBOX_CONFIG', {
    what: `service "${own}" cannot wait for "${name}"${at(origins)}`,
    why: 'there is no such service',
    fix: meant ? `did you mean ${meant}?` : `there are ${[...byName.keys()].join(', ')}`,
  });
}

function circle(path: readonly string[], { origins }: ResolvedService): TsboxError {
  return new TsboxError('ERR_TSBOX_CONFIG', {
    what: `services wait for each other in a circle${at(origins)}`,
    why: path.join(' waits for '),
    fix: 'take one of them out of dependsOn',
  });
}

function at(origins: ResolvedService['origins']): string {
  const origin = origins.dependsOn ?? Object.entries(origins).find(([key]) => key.startsWith('dependsOn'))?.[1];
  return origin ? ` (${origin.text})` : '';
}

function unknown(kind: 'service' | 'profile', name: string, environment: string, known: readonly string[]): TsboxError {
  const meant = nearest(name, known);
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot start ${kind} "${name}"`,
    why: `environment "${environment}" has no such ${kind}`,
    fix: meant ? `did you mean ${meant}?` : known.length > 0 ? `there are ${known.join(', ')}` : 'leave it out',
  });
}
