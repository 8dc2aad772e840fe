import type { Gate } from '../kernel/gate.js';
import type { MountSpec, Spec } from '../plugin/spec.js';
import { useVolume } from '../volumes/use.js';
import { generateVolumeName, volumeData } from '../volumes/volume.js';
import type { LaunchView } from './launch-state.js';

type VolumeSpec = Extract<MountSpec, { type: 'volume' }>;

/** Gives anonymous volumes their names, which the container keeps: a later start finds the same ones. */
export function nameVolumes(spec: Spec, gate: Gate): Spec {
  const named = (mount: MountSpec): MountSpec =>
    mount.type === 'volume' && mount.name === undefined
      ? { ...mount, name: generateVolumeName(gate), anonymous: true }
      : mount;
  return { ...spec, mounts: spec.mounts.map(named) };
}

/**
 * The engine's own steps for volumes: each is made where it is missing, filled where it is new, and marked as
 * this container's. The mark stays as long as the container does; a launch that fails takes back what it made.
 */
export async function takeVolumes(launch: LaunchView): Promise<void> {
  for (const mount of launch.spec.mounts) if (mount.type === 'volume') await takeVolume(launch, mount);
}

async function takeVolume(launch: LaunchView, mount: VolumeSpec): Promise<void> {
  const { id, paths, spec, gate, host, image } = launch;
  const { name = '', anonymous = false, noCopy, target } = mount;
  launch.state.volumes.set(target, volumeData(paths.root, name));
  const args = { name, container: id };
  await launch.step({
    action: 'volume',
    target: name,
    // Written down before it is made, which the next step does.
    undo: { kind: 'newVolume', args },
    run: () => undefined,
  });
  const lost = await launch.step({
    action: 'use',
    target: `volume ${name} on ${target}`,
    undo: { kind: 'volumeUse', args: { ...args, ...(spec.remove && anonymous && { remove: true }) } },
    keep: true,
    run: () => {
      // The machine itself is no image whose files anybody wants twice.
      const fill = noCopy || image.host ? undefined : { gate, host, layers: image.layers, target };
      return useVolume(paths.root, { name, container: id, anonymous, ...(fill && { fill }) }, gate);
    },
    dry: () => [],
  });
  for (const message of lost) launch.warn(`volume ${name}: ${message}`);
}
