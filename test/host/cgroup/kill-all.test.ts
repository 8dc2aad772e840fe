import { afterEach, beforeAll, expect } from 'vitest';
import { killContainer } from '../../../core/containers/signal.js';
import { topContainer } from '../../../core/containers/top.js';
import { Engine } from '../../../core/engine/index.js';
import { readProcess } from '../../../core/kernel/process-table.js';
import { builtins } from '../../../plugins/builtins.js';
import { type ForegroundContainer, startForeground } from '../../support/foreground.js';
import { busyboxImage } from '../../support/image.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { it } = skipUnless('root', 'cgroup1', 'busybox');
const state = tempRoot();
const image = `${state.directory}/image`;
beforeAll(() => void busyboxImage(image));

const FORKING = 'trap "" TERM; setsid sleep 600 & setsid sleep 600 & echo up; wait';
let container: ForegroundContainer | undefined;
afterEach(async () => {
  await container?.end();
  if (container) await runCli([...state.flags, 'rm', '-f', container.name]);
});

/** Who adopts a killed one may take its time to reap it. */
function runs(pid: number): boolean {
  return readProcess(pid)?.state.startsWith('Z') === false;
}

/** What `kill` of a container in the pid namespace of the host comes to. */
async function killAll(flags: readonly string[], script: string): Promise<{ before: number[]; left: number[] }> {
  container = await startForeground(state, image, 'many', script, flags);
  await using engine = new Engine({ root: state.root, runroot: state.runroot, plugins: builtins });
  const before = (await topContainer(engine, 'many')).map(({ pid }) => pid);
  await killContainer(engine, 'many');
  return { before, left: before.filter(runs) };
}

it('with the pids of the host: all processes are gone when it returns, also those of other sessions', async () => {
  const { before, left } = await killAll(['--pid=host'], FORKING);
  expect(before).toHaveLength(3);
  expect(left).toEqual([]);
  expect((await container?.ended)?.status).toBe(137);
});

it('says so where nothing knows the processes', async () => {
  await expect(
    killAll(['--pid=host', '--resources=none', '--privileged'], 'echo up; exec sleep 600'),
  ).rejects.toMatchObject({
    code: 'ERR_TSBOX_NOT_ENFORCEABLE',
  });
});
