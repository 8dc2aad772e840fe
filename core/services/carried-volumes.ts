import type { Engine } from '../engine/index.js';
import type { Spec } from '../plugin/spec.js';
import { readDetails } from '../state/record.js';
import { removeUnused } from '../volumes/remove.js';
import type { FoundService } from './found.js';

/** Names of the anonymous volumes of a container, by target. */
export function anonymousVolumes({ container }: FoundService): Map<string, string> {
  const names = new Map<string, string>();
  for (const mount of mountsOf(container.directory))
    if (mount.type === 'volume' && mount.anonymous && mount.name !== undefined) names.set(mount.target, mount.name);
  return names;
}

/** A container that takes the place of another one has its anonymous volumes: what is in them stays. */
export function withVolumesOf(spec: Spec, volumes: ReadonlyMap<string, string>): Spec {
  const mounts = spec.mounts.map((mount) => {
    const name = volumes.get(mount.target);
    return mount.type === 'volume' && mount.name === undefined && name !== undefined
      ? { ...mount, name, anonymous: true }
      : mount;
  });
  return { ...spec, mounts };
}

/** Removes those that the new container does not have. */
export async function dropVolumes({ gate, paths }: Engine, volumes: ReadonlyMap<string, string>): Promise<void> {
  for (const name of volumes.values()) await removeUnused(gate, paths.root, name);
}

/** A damaged container is replaced all the same. */
function mountsOf(directory: string): Spec['mounts'] {
  try {
    return readDetails(directory).spec.mounts;
  } catch {
    return [];
  }
}
