import type { LaunchView } from './launch-state.js';

/** Takes the volumes of a launch. Loaded on demand: most launches have none. */
export async function takeSpecVolumes(view: LaunchView): Promise<void> {
  if (!view.spec.mounts.some(({ type }) => type === 'volume')) return;
  const { takeVolumes } = await import('./volume-steps.js');
  await takeVolumes(view);
}
