import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { finished, runCli, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { eventually } from '../lifecycle/bench.js';
import { executing } from './support.js';

const { describe, it } = skipUnless('root', 'userns', 'overlay', 'busybox');
const user = { uid: 4321, gid: 4321 };

describe('in the container of an ordinary user', () => {
  const state = tempRoot(user);
  const image = join(state.directory, 'image');
  const env = { HOME: state.directory, XDG_RUNTIME_DIR: undefined, XDG_DATA_HOME: undefined };
  const exec = (args: readonly string[], pty = false) => runCli([...state.flags, 'exec', ...args], { user, env, pty });
  let container: ReturnType<typeof startCli>;

  beforeAll(async () => {
    busyboxImage(image);
    execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, image]);
    const command = ['run', '--rm', '--name=own', '--network=none', image, 'sh', '-c', 'echo up; exec sleep 600'];
    container = startCli([...state.flags, ...command], { user, env });
    await new Promise((resolve) => container.stdout?.once('readable', resolve));
    await eventually(async () => (await exec(['own', 'true'])).status === 0);
  });
  afterAll(async () => {
    const ended = finished(container);
    container.kill('SIGKILL');
    await ended;
    await runCli([...state.flags, 'gc'], { user, env });
  });

  it('a command is root there, with the maps and rights of the container', async () => {
    const script = [
      'for f in uid_map gid_map setgroups; do cmp /proc/self/$f /proc/1/$f; done',
      'for n in /proc/1/ns/*; do test $(readlink $n) = $(readlink /proc/self/ns/$(basename $n)) || echo $n; done',
      'for p in 1 self; do grep -E "Cap|NoNew" /proc/$p/status > /tmp/$p; done; cmp /tmp/1 /tmp/self',
      'id -u',
    ].join('; ');
    expect(await exec(['own', 'sh', '-c', script])).toEqual({ status: 0, stdout: '0\n', stderr: '' });
  });

  it('gets a terminal', async () => {
    expect(await exec(['-it', 'own', 'tty'], true)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\/dev\/pts\/0\r\n/),
    });
  });

  it('cannot be another user that has no id there', async () => {
    expect((await exec(['-u', '1000', 'own', 'true'])).status).toBe(125);
  });
});

describe("in root's container with ids of its own", () => {
  const { start, exec, engine } = executing(tempRoot());

  it('a command has the ids that the container has, and owns its terminal', async () => {
    const box = await start({ userns: '300000:300000:65536' });
    expect((await exec(box, 'cat /proc/self/uid_map; id -u; echo x > /made; stat -c %u /made')).stdout).toMatch(
      /^ +0 +300000 +65536\n0\n0\n$/,
    );
    expect((await exec(box, 'id -u; id -G', { user: 'alice' })).stdout).toBe('1000\n1000 10\n');
    const terminal = await engine().exec(box.id, {
      command: ['sh', '-c', 'stat -c %U $(tty)'],
      tty: true,
      user: 'alice',
    });
    expect((await terminal.result()).stdout).toBe('alice\r\n');
  });
});
