import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, expect } from 'vitest';
import { findController, readCgroupLayout } from '../../../core/plugin/index.js';
import { type ForegroundContainer, startForeground } from '../../support/foreground.js';
import { busyboxImage } from '../../support/image.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'cgroup1', 'busybox');
const state = tempRoot();
const image = `${state.directory}/image`;
beforeAll(() => void busyboxImage(image));

const tsbox = (...args: string[]) => runCli([...state.flags, ...args]);
const status = async (name: string) =>
  (await tsbox('ps', '-a', '--filter', `name=${name}`, '--format', '{{.Status}}')).stdout;
const freezer = () => `${findController(readCgroupLayout(), 'freezer')?.mountpoint}/tsbox`;
const counting = 'echo up; i=0; while :; do i=$((i+1)); echo $i > /count; done';

let container: ForegroundContainer | undefined;
afterEach(async () => {
  await container?.end();
  if (container) await tsbox('rm', '-f', container.name);
  container = undefined;
});

function recordOf(name: string): { id: string; paused?: boolean; status: string } {
  const directory = `${state.root}/containers`;
  const records = readdirSync(directory).map((id) =>
    JSON.parse(readFileSync(`${directory}/${id}/container.json`, 'utf8')),
  );
  return records.find((record) => record.name === name);
}

describe('pause', () => {
  it('stops all processes, is shown, and unpause lets them go on', async () => {
    container = await startForeground(state, image, 'busy', counting);
    expect(await tsbox('pause', 'busy')).toEqual({ status: 0, stdout: 'busy\n', stderr: '' });
    const { id } = recordOf('busy');
    expect(readFileSync(`${freezer()}/${id}/freezer.state`, 'utf8')).toBe('FROZEN\n');
    expect(await status('busy')).toMatch(/^Up .* \(Paused\)\n$/);
    const count = () => readFileSync(`${state.root}/containers/${id}/upper/count`, 'utf8');
    const before = count();
    await sleep(100);
    expect(count()).toBe(before);
    expect(await tsbox('unpause', 'busy')).toEqual({ status: 0, stdout: 'busy\n', stderr: '' });
    expect(readFileSync(`${freezer()}/${id}/freezer.state`, 'utf8')).toBe('THAWED\n');
    expect(await status('busy')).not.toMatch(/Paused/);
    while (count() === before) await sleep(5);
  });

  it('goes on after a failure, and says what is wrong with each', async () => {
    container = await startForeground(state, image, 'one', counting);
    await tsbox('pause', 'one');
    const again = await tsbox('pause', 'nosuch', 'one');
    expect([again.status, again.stdout]).toEqual([1, '']);
    expect(again.stderr).toMatch(/cannot find container "nosuch"/);
    expect(again.stderr).toMatch(/cannot pause container one: it is already paused/);
    expect((await tsbox('unpause', 'one')).status).toBe(0);
    const running = await tsbox('unpause', 'one');
    expect([running.status, running.stdout]).toEqual([1, '']);
    expect(running.stderr).toMatch(/cannot unpause container one: it is not paused/);
  });

  it('refuses one that has ended, and one without a cgroup of its own', async () => {
    await tsbox('run', '--name=ended', '--network=none', image, 'true');
    const ended = await tsbox('pause', 'ended');
    expect(ended.status).toBe(1);
    expect(ended.stderr).toMatch(/cannot pause container ended: it is not running/);
    await tsbox('rm', 'ended');
    container = await startForeground(state, image, 'free', counting, ['--resources=none', '--privileged']);
    const free = await tsbox('pause', 'free');
    expect(free.status).toBe(1);
    expect(free.stderr).toMatch(/its resources driver "none" has no freezer/);
    expect(free.stderr).toMatch(/fix: .*--resources=auto/);
  });

  it('by many at once: one does it, the others are told, and the record is right', async () => {
    container = await startForeground(state, image, 'many', counting);
    const results = await Promise.all(Array.from({ length: 6 }, () => tsbox('pause', 'many')));
    expect(results.filter((result) => result.status === 0)).toHaveLength(1);
    expect(recordOf('many')).toMatchObject({ status: 'running', paused: true });
    await tsbox('unpause', 'many');
    expect(recordOf('many').paused).toBeUndefined();
  });
});

describe('a paused container', () => {
  it('whose last moment was to come ends with its own status when it is unpaused', async () => {
    container = await startForeground(state, image, 'soon', 'echo up; read go; exit 7', ['-i']);
    await tsbox('pause', 'soon');
    container.cli.stdin?.end('go\n');
    await sleep(100);
    expect(await status('soon')).toMatch(/\(Paused\)/);
    const ended = new Promise((resolve) => container?.cli.once('exit', resolve));
    expect((await tsbox('unpause', 'soon')).status).toBe(0);
    expect(await ended).toBe(7);
    expect(await status('soon')).toMatch(/^Exited \(7\)/);
    expect(recordOf('soon').paused).toBeUndefined();
  });

  it('whose engine is killed goes without a rest', async () => {
    container = await startForeground(state, image, 'orphan', counting, ['--rm']);
    await tsbox('pause', 'orphan');
    const { id } = recordOf('orphan');
    const exit = once(container.cli, 'exit');
    container.cli.kill('SIGKILL');
    await exit;
    // Frozen, it has its end before it, and holds the pipes of its output.
    expect((await tsbox('gc')).stderr).toBe('');
    expect(existsSync(`${freezer()}/${id}`)).toBe(false);
    expect(readdirSync(`${state.root}/containers`)).not.toContain(id);
    expect((await container.ended).status).toBe(137);
    container = undefined;
  });

  it('that a killed tsbox left frozen without a word can be unpaused', async () => {
    container = await startForeground(state, image, 'silent', counting);
    const { id } = recordOf('silent');
    writeFileSync(`${freezer()}/${id}/freezer.state`, 'FROZEN');
    expect(await tsbox('unpause', 'silent')).toEqual({ status: 0, stdout: 'silent\n', stderr: '' });
    expect(readFileSync(`${freezer()}/${id}/freezer.state`, 'utf8')).toBe('THAWED\n');
  });
});
