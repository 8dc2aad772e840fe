import type { Engine } from '../engine/index.js';
import type { ResolvedEnvironment } from '../environments/types.js';
import { TsboxError } from '../plugin/error.js';
import type { Spec } from '../plugin/spec.js';
import { createVolume } from '../volumes/create.js';
import { listVolumes, type VolumeInfo } from '../volumes/list.js';
import { removeUnused } from '../volumes/remove.js';
import { volumeNames } from '../volumes/volume.js';
import { environmentLabels, LABELS } from './labels.js';

/** Makes the named volumes of a service that are not there: `down -v` knows them by their labels. */
export function ensureVolumes({ gate, paths }: Engine, environment: ResolvedEnvironment, spec: Spec): void {
  const there = new Set(volumeNames(paths.root));
  for (const mount of spec.mounts) {
    if (mount.type !== 'volume' || mount.name === undefined || there.has(mount.name)) continue;
    const described = environment.volumes?.find(({ name }) => name === mount.name);
    if (described?.external) throw missing(mount.name);
    const labels = { ...described?.labels, ...environmentLabels(environment) };
    createVolume(gate, paths.root, { name: mount.name, labels });
  }
}

/** Named volumes that `up` made for an environment. */
export function volumesOfEnvironment({ paths }: Engine, name: string): VolumeInfo[] {
  return listVolumes(paths.root, () => {}).filter(({ labels }) => labels[LABELS.environment] === name);
}

/** @returns false when a container has it */
export async function removeOwnVolume({ gate, paths }: Engine, { name }: VolumeInfo): Promise<boolean> {
  return (await removeUnused(gate, paths.root, name)) || !volumeNames(paths.root).includes(name);
}

function missing(name: string): TsboxError {
  return new TsboxError('ERR_TSBOX_NO_SUCH_VOLUME', {
    what: `cannot use the volume "${name}"`,
    why: 'it is external, which means that it is there, and it is not',
    fix: `tsbox volume create ${name}`,
  });
}
