import { existsSync, readdirSync } from 'node:fs';
import { afterEach, expect } from 'vitest';
import { finished, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { eventually, lifecycleBench } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox');
const { done, tsbox, detached, image, flags, root, runroot } = lifecycleBench();

const list = (path: string) => (existsSync(path) ? readdirSync(path) : []);
const inspect = (name: string, format: string) => done('inspect', '-f', format, name);
const exited = (name: string) => inspect(name, '{{.State.Status}} {{.State.ExitCode}}');

afterEach(async () => {
  const ids = (await done('ps', '-aq')).split('\n').filter((id) => id !== '');
  if (ids.length > 0) await done('rm', '-f', ...ids);
  expect(list(`${root}/containers`)).toEqual([]);
  expect(list(`${runroot}/journal`)).toEqual([]);
});

describe('stop', () => {
  it('sends the stop signal, and SIGKILL when time is over', async () => {
    await detached(['--name=polite', '--stop-signal=USR1'], 'trap "exit 9" USR1; while :; do sleep 0.05; done');
    await detached(['--name=deaf'], 'trap "" TERM; while :; do sleep 0.05; done');
    expect(await done('stop', 'polite')).toBe('polite');
    expect(await exited('polite')).toBe('exited 9');
    expect(await done('stop', '-t', '1', 'deaf', 'polite')).toBe('deaf\npolite');
    expect(await exited('deaf')).toBe('exited 137');
  });

  it('ends a paused container', async () => {
    await detached(['--name=frozen'], 'sleep 600');
    await done('pause', 'frozen');
    expect(await done('ps', '--format', '{{.Status}}')).toMatch(/\(Paused\)$/);
    await done('stop', '-t', '0', 'frozen');
    expect(await exited('frozen')).toBe('exited 137');
  });

  it('ends a container in the foreground of another tsbox, which takes everything back', async () => {
    const child = startCli([
      ...flags,
      'run',
      '--rm',
      '--name=front',
      '--network=none',
      image,
      'sh',
      '-c',
      'echo up; sleep 600',
    ]);
    const end = finished(child);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    expect(await done('stop', '-t', '0', 'front')).toBe('front');
    expect((await end).status).toBe(137);
  });

  it('goes on after a name that does not exist, and exits 1', async () => {
    await detached(['--name=there'], 'sleep 600');
    const { status, stdout, stderr } = await tsbox(['stop', '-t0', 'nosuch', 'there']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'there\n' });
    expect(stderr).toContain('cannot find container "nosuch"');
  });
});

describe('kill, rename, rm', () => {
  it('kill sends any signal, by name or number, and needs a running container', async () => {
    await detached(['--name=target'], 'trap "echo hup" HUP; trap "exit 5" USR2; echo up; while :; do sleep 0.05; done');
    await eventually(async () => (await done('logs', 'target')) === 'up');
    expect(await done('kill', '-s', 'HUP', 'target')).toBe('target');
    await eventually(async () => (await done('logs', 'target')) === 'up\nhup');
    await done('kill', '--signal=12', 'target');
    expect(await done('wait', 'target')).toBe('5');
    const { status, stderr } = await tsbox(['kill', 'target']);
    expect(status).toBe(1);
    expect(stderr).toContain('it is not running (exited)');
    expect((await tsbox(['kill', '-s', 'NOSUCH', 'target'])).status).toBe(1);
  });

  it('rename gives another name, and the old one is free', async () => {
    const id = await detached(['--name=before'], 'sleep 600');
    await done('rename', 'before', 'after');
    expect(await inspect('after', '{{.Id}}')).toBe(id);
    await detached(['--name=before'], 'sleep 600');
    const { status, stderr } = await tsbox(['rename', 'after', 'before']);
    expect(status).toBe(1);
    expect(stderr).toContain('already in use');
    await done('rm', '-f', 'after');
    expect(list(`${root}/names`)).toEqual(['before']);
  });

  it('rm needs -f for a running one, and with -f it is no error that one is not there', async () => {
    await detached(['--name=busy'], 'sleep 600');
    const { status, stderr } = await tsbox(['rm', 'busy']);
    expect(status).toBe(1);
    expect(stderr).toContain('rm -f busy');
    expect(await done('rm', '-f', 'busy')).toBe('busy');
    const gone = { status: 0, stdout: '', stderr: 'tsbox: warning: there is no container "busy"\n' };
    expect(await tsbox(['rm', '-f', 'busy'])).toEqual(gone);
    expect(await tsbox(['--quiet', 'rm', '-f', 'busy'])).toEqual({ ...gone, stderr: '' });
    expect(await tsbox(['rm', 'busy'])).toMatchObject({ status: 1, stdout: '' });
    await detached(['--name=next'], 'sleep 600');
    expect(await tsbox(['rm', '-f', 'busy', 'next'])).toEqual({ ...gone, stdout: 'next\n' });
  });

  it('of two containers with one name at once, exactly one is made', async () => {
    const run = () => tsbox(['run', '-d', '--name=same', '--network=none', image, 'sleep', '600']);
    const both = await Promise.all([run(), run()]);
    expect(both.map(({ status }) => status).sort()).toEqual([0, 125]);
    expect(both.find(({ status }) => status === 125)?.stderr).toContain('the name is already in use');
    expect(list(`${root}/containers`)).toHaveLength(1);
  });
});

describe('restart', () => {
  it('stops and starts', async () => {
    await detached(['--name=twice'], 'echo run; sleep 600');
    expect(await done('restart', '-t', '0', 'twice')).toBe('twice');
    await eventually(async () => (await done('logs', 'twice')) === 'run\nrun');
  });

  it('on-failure starts again so many times, with growing delays', async () => {
    await detached(['--name=failing', '--restart=on-failure:2'], 'date +%s%N >> /times; exit 6');
    await eventually(async () => (await inspect('failing', '{{.RestartCount}} {{.State.Status}}')) === '2 exited');
    expect(await exited('failing')).toBe('exited 6');
    expect((await done('logs', 'failing')).length).toBe(0);
  });

  it('always starts again until somebody stops it; unless-stopped and always differ in nothing here', async () => {
    await detached(['--name=undying', '--restart=always'], 'exit 0');
    await eventually(async () => Number(await inspect('undying', '{{.RestartCount}}')) >= 2);
    await done('stop', 'undying');
    const count = await inspect('undying', '{{.RestartCount}}');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await inspect('undying', '{{.RestartCount}} {{.State.Status}}')).toBe(`${count} exited`);
    await done('start', 'undying');
    await eventually(async () => Number(await inspect('undying', '{{.RestartCount}}')) >= 1);
  });

  it('is not for containers that are removed', async () => {
    const { status, stderr } = await tsbox(['run', '-d', '--rm', '--restart=always', image, 'true']);
    expect(status).toBe(125);
    expect(stderr).toContain('cannot combine --restart always with --rm');
  });
});

describe('--timeout', () => {
  it('kills a detached container when its time is over', async () => {
    await detached(['--name=late', '--timeout=300ms'], 'sleep 600');
    expect(await done('wait', 'late')).toBe('137');
  });

  it('and one in the foreground', async () => {
    const { status } = await tsbox(['run', '--rm', '--timeout=300ms', '--network=none', image, 'sleep', '600']);
    expect(status).toBe(137);
  });
});
