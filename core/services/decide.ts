import { isDeepStrictEqual } from 'node:util';
import { isUp } from '../containers/summary.js';
import type { Spec } from '../plugin/spec.js';
import { readDetails } from '../state/record.js';
import type { FoundService } from './found.js';
import type { PreparedService } from './prepare.js';

/**
 * `keep`: it runs unchanged, or is a job that is done and that nobody needs again. `start`: it has ended,
 * and is unchanged.
 */
export type Deed = 'create' | 'start' | 'recreate' | 'keep';

export interface Decision {
  readonly service: PreparedService;
  readonly deed: Deed;
  readonly found: FoundService | undefined;
}

/** What is to be done with each service, by what is there. */
export function decide(
  services: readonly PreparedService[],
  found: readonly FoundService[],
  forceRecreate: boolean,
): Decision[] {
  const decisions = services.map((service) => {
    const own = found.find(({ name }) => name === service.name);
    return { service, found: own, deed: deedFor(service, own, forceRecreate) };
  });
  return decisions.map((decision) => (isDone(decision, decisions) ? { ...decision, deed: 'keep' } : decision));
}

function deedFor(service: PreparedService, found: FoundService | undefined, force: boolean): Deed {
  if (!found) return 'create';
  const { state } = found.container;
  if (force || found.fingerprint !== service.fingerprint || state === 'creating' || state === 'removing')
    return 'recreate';
  return isUp(state) ? 'keep' : 'start';
}

/** A job that has ended well is done again only for somebody who is started after it. */
function isDone({ deed, found, service }: Decision, all: readonly Decision[]): boolean {
  if (deed !== 'start' || found?.container.exitCode !== 0) return false;
  const users = all.filter((other) => other.service.waitsFor.get(service.name) === 'completed');
  return users.length > 0 && users.every((user) => user.deed === 'keep');
}

const OWN_MATTER: readonly string[] = ['origins', 'labels', 'name'];

/** Which parts of a service are others than its container has, for people. */
export function changedParts({ spec }: PreparedService, { container }: FoundService): string[] {
  let old: Spec;
  try {
    old = readDetails(container.directory).spec;
  } catch {
    return [];
  }
  // As it is written: what is undefined is not there.
  const wanted = JSON.parse(JSON.stringify(withoutOwnNames(spec))) as Record<string, unknown>;
  const had = withoutOwnNames(old) as unknown as Record<string, unknown>;
  const keys = [...new Set([...Object.keys(wanted), ...Object.keys(had)])];
  return keys.filter((key) => !OWN_MATTER.includes(key) && !isDeepStrictEqual(wanted[key], had[key]));
}

/** The engine names anonymous volumes. */
function withoutOwnNames(spec: Spec): Spec {
  const mounts = spec.mounts.map((mount) =>
    mount.type === 'volume' && mount.anonymous
      ? { type: mount.type, target: mount.target, readOnly: mount.readOnly, noCopy: mount.noCopy }
      : mount,
  );
  return { ...spec, mounts };
}
