import { mkdirSync } from 'node:fs';
import { hasCode } from '../kernel/error.js';
import { makeContainerDirectory } from '../state/container-directory.js';
import { liveDirectory } from '../state/live.js';
import { generateName, takeName } from '../state/names.js';
import type { LaunchView } from './launch-state.js';

/** There are some four thousand generated names; a number behind one makes it ten times as many. */
const NAME_ATTEMPTS = 20;

/** The engine's own steps: the container's name and directory, which stay as long as the container does. */
export async function takeContainer(launch: LaunchView): Promise<void> {
  const { container } = launch.paths;
  await launch.step({
    action: 'mkdir',
    target: container,
    undo: { kind: 'containerDirectory', args: { path: container } },
    keep: true,
    // First of all that is in the journal, and so the last that is taken back.
    run: () => launch.duringClone(() => makeContainerDirectory(container)),
  });
  await launch.duringClone(() => takeSomeName(launch));
}

/** Where the sockets of a watched container are. */
export async function takeLiveDirectory(launch: LaunchView): Promise<void> {
  const { id, paths } = launch;
  const directory = liveDirectory(paths.runroot, id);
  await launch.step({
    action: 'mkdir',
    target: directory,
    undo: { kind: 'liveDirectory', args: { id } },
    run: () => void mkdirSync(directory, { recursive: true, mode: 0o700 }),
  });
}

async function takeSomeName(launch: LaunchView): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await takeThisName(launch);
    } catch (error) {
      const canChange = launch.spec.name === undefined && hasCode(error, 'ERR_TSBOX_NAME_IN_USE');
      if (!canChange || attempt === NAME_ATTEMPTS) throw error;
      launch.state.name = `${generateName(launch.gate)}${attempt}`;
    }
  }
}

async function takeThisName(launch: LaunchView): Promise<void> {
  const { id, name } = launch;
  await launch.step({
    action: 'name',
    target: name,
    undo: { kind: 'name', args: { name, id } },
    keep: true,
    run: () => takeName(launch.paths.root, name, id),
  });
}
