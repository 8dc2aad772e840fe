import { mkdirSync } from 'node:fs';
import { hasCode } from '../kernel/error.js';
import { takeName } from '../state/names.js';
import type { LaunchView } from './launch-state.js';

/** The engine's own steps: the container's name and directory, which stay as long as the container does. */
export async function takeContainer(launch: LaunchView): Promise<void> {
  const { id, name } = launch;
  const { root, container } = launch.paths;
  await launch.step({
    action: 'name',
    target: name,
    undo: { kind: 'name', args: { name, id } },
    keep: true,
    run: () => takeName(root, name, id),
  });
  await launch.step({
    action: 'mkdir',
    target: container,
    undo: { kind: 'containerDirectory', args: { path: container } },
    keep: true,
    run: () => makeContainerDirectory(container),
  });
}

/** 0711: the ids of a user namespace may pass through, and nobody may look around. */
function makeContainerDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o711 });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    mkdirSync(path, { recursive: true, mode: 0o711 });
  }
}
