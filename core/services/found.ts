import { TsboxError } from '../plugin/error.js';
import type { ContainerState } from '../state/containers.js';
import { listContainers } from '../state/containers.js';
import { listNetworkFiles } from '../state/networks.js';
import { listVolumes } from '../volumes/list.js';
import { LABELS } from './labels.js';

/** A container that `up` made, running or not. */
export interface FoundService {
  readonly name: string;
  readonly id: string;
  readonly dependsOn: readonly string[];
  readonly fingerprint: string | undefined;
  readonly container: ContainerState;
}

/** The containers of an environment, in the order in which they would be started. */
export function findServices(root: string, environment: string): FoundService[] {
  const all = listContainers(root, () => {}).filter(({ record }) => record.labels[LABELS.environment] === environment);
  return startOrder(all.toReversed().map(found));
}

/** Names of the environments of which there is something. @param directory only those of this one */
export function findEnvironments(root: string, directory: string): string[] {
  const made = [
    ...listContainers(root, () => {}).map(({ record }) => record.labels),
    ...listNetworkFiles(root, () => {}).map(({ labels }) => labels),
    ...listVolumes(root, () => {}).map(({ labels }) => labels),
  ];
  const own = made.filter((labels) => labels[LABELS.directory] === directory);
  return [...new Set(own.flatMap((labels) => labels[LABELS.environment] ?? []))].sort();
}

/** Refuses to touch what an environment of the same name has made that is somewhere else. */
export function refuseOthers(services: readonly FoundService[], environment: string, directory: string): void {
  const other = services.find(({ container }) => container.record.labels[LABELS.directory] !== directory);
  if (!other) return;
  throw new TsboxError('ERR_TSBOX_NAME_IN_USE', {
    what: `cannot start environment "${environment}" of ${directory}`,
    why: `one of that name is there, of ${other.container.record.labels[LABELS.directory]}`,
    fix: [`tsbox down ${environment}`, 'or give one of them another name'],
  });
}

function found(container: ContainerState): FoundService {
  const { id, labels } = container.record;
  return {
    name: labels[LABELS.service] ?? id.slice(0, 12),
    id,
    dependsOn: (labels[LABELS.dependsOn] ?? '').split(',').filter((name) => name !== ''),
    fingerprint: labels[LABELS.fingerprint],
    container,
  };
}

/** Labels of an edited container may say anything: a circle ends where it began. */
function startOrder(services: readonly FoundService[]): FoundService[] {
  const order = new Set<FoundService>();
  const visiting = new Set<FoundService>();
  const visit = (service: FoundService): void => {
    if (order.has(service) || visiting.has(service)) return;
    visiting.add(service);
    for (const needed of services) if (service.dependsOn.includes(needed.name)) visit(needed);
    order.add(service);
  };
  for (const service of services) visit(service);
  return [...order];
}
