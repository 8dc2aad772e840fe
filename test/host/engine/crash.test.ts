import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { CLI, runCli, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');
const { directory, runroot, root, flags } = tempRoot();

const image = `${directory}/image`;
beforeAll(() => void busyboxImage(image));

function list(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : [];
}

/** Everything of tsbox that a killed engine may leave. */
function left(): Record<string, string[]> {
  const hierarchies = readdirSync('/sys/fs/cgroup').filter((name) => existsSync(`/sys/fs/cgroup/${name}/tsbox`));
  return {
    containers: list(`${root}/containers`),
    names: list(`${root}/names`),
    journal: list(`${runroot}/journal`),
    cgroups: hierarchies,
    links: list('/sys/class/net').filter((name) => name.startsWith('tsb')),
  };
}

const nothing = { containers: [], names: [], journal: [], cgroups: [], links: [] };

describe('an engine that is killed', () => {
  it('is cleaned up after by the next start, too', async () => {
    const child = startCli([
      ...flags,
      'run',
      '--rm',
      '--name=same',
      '--network=none',
      image,
      'sh',
      '-c',
      'echo up; sleep 600',
    ]);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
    await sleep(50);
    const next = await runCli([...flags, 'run', '--rm', '--name=same', '--network=none', image, 'echo', 'again']);
    expect(next).toEqual({ status: 0, stdout: 'again\n', stderr: '' });
    expect(left()).toEqual(nothing);
  });

  it('leaves a container that was to stay, with what it wrote, until it is removed', async () => {
    const child = startCli([
      ...flags,
      'run',
      '--name=kept',
      '--network=none',
      image,
      'sh',
      '-c',
      'echo x > /made; echo up; sleep 600',
    ]);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    // The record follows the exec: before it, the container was never there.
    while (!list(`${root}/containers`).some((id) => existsSync(`${root}/containers/${id}/container.json`)))
      await sleep(5);
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
    await sleep(50);
    expect((await runCli([...flags, 'gc'])).status).toBe(0);
    const [id] = list(`${root}/containers`);
    const record = JSON.parse(readFileSync(`${root}/containers/${id}/container.json`, 'utf8'));
    expect(record).toMatchObject({ name: 'kept', status: 'exited', exitCode: 137 });
    expect(existsSync(`${root}/containers/${id}/upper/made`)).toBe(true);
    expect(left()).toEqual({ ...nothing, containers: [id], names: ['kept'] });
    expect(await runCli([...flags, 'rm', 'kept'])).toEqual({ status: 0, stdout: 'kept\n', stderr: '' });
    expect(left()).toEqual(nothing);
  });

  it('does not disturb others that start and end at the same time', async () => {
    const runs = Array.from({ length: 24 }, (_, index) =>
      runCli([...flags, 'run', '--rm', '--network=none', image, 'echo', String(index)]),
    );
    const results = await Promise.all(runs);
    expect(results).toEqual(results.map((_, index) => ({ status: 0, stdout: `${index}\n`, stderr: '' })));
    expect(left()).toEqual(nothing);
  });

  // From before the first side effect to a container that runs, in steps that cross the whole launch.
  const delays = Array.from({ length: 16 }, (_, index) => 60 + index * 15);
  it.each(delays)('after %i ms takes its container along, and gc leaves nothing', async (delay) => {
    const child = spawn(process.execPath, [CLI, ...flags, 'run', '--rm', '--network=bridge', image, 'sleep', '600'], {
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await sleep(delay);
    child.kill('SIGKILL');
    await ended;
    // The container dies with its parent; the kernel takes a moment to do so.
    await sleep(50);
    expect((await runCli([...flags, 'gc'])).status).toBe(0);
    expect(left()).toEqual(nothing);
  });
});
