import { readdirSync } from 'node:fs';
import { afterEach, expect } from 'vitest';
import { takeSnapshot } from '../../support/leaks/snapshot.js';
import { TerminalSession } from '../../support/pty.js';
import { finished, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { eventually, lifecycleBench } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox');
const { done, tsbox, detached, image, flags, root, runroot } = lifecycleBench();

afterEach(async () => {
  const ids = (await done('ps', '-aq')).split('\n').filter((id) => id !== '');
  if (ids.length > 0) await done('rm', '-f', ...ids);
  expect(readdirSync(`${root}/containers`)).toEqual([]);
});

describe('attach', () => {
  it('joins input and output, and ends as the container ends', async () => {
    await detached(['--name=cat', '-i'], 'echo ready; read line; echo "got $line"; echo oops >&2; exit 8');
    const child = startCli([...flags, 'attach', 'cat']);
    const end = finished(child);
    child.stdin?.end('hello\n');
    expect(await end).toEqual({ status: 8, stdout: 'got hello\n', stderr: 'oops\n' });
    expect(await done('logs', 'cat')).toBe('ready\ngot hello');
  });

  it('passes signals on', async () => {
    await detached(['--name=trap'], 'trap "echo caught; exit 3" INT; while :; do echo up; sleep 0.05; done');
    const child = startCli([...flags, 'attach', '--no-stdin', 'trap']);
    const end = finished(child);
    // It shows output once it passes signals on.
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGINT');
    expect(await end).toMatchObject({ status: 3, stdout: expect.stringMatching(/^(up\n)+caught\n$/) });
  });

  it('joins a terminal: keys, size, and ctrl-p ctrl-q leaves it running', async () => {
    await done('run', '-dit', '--name=term', '--network=none', image, 'sh');
    const session = new TerminalSession([...flags, 'attach', 'term'], { columns: 97, rows: 31 });
    session.type('stty size; echo a$((1+1))b\r');
    await session.see(/31 97[\s\S]*a2b/);
    session.type('\x10x\x08echo c$((3+3))d\r');
    await session.see(/c6d/);
    session.type('\x10\x11');
    await session.see(/detached/);
    expect((await session.end()).status).toBe(0);
    expect(await done('ps', '--format', '{{.Status}}')).toMatch(/^Up/);
    const again = new TerminalSession([...flags, 'attach', '--detach-keys=ctrl-x', 'term'], { columns: 80, rows: 24 });
    again.type('stty size\r');
    await again.see(/24 80/);
    again.type('exit 6\r');
    expect((await again.end()).status).toBe(6);
  });

  it('needs a running container that is watched', async () => {
    await detached(['--name=over'], 'true');
    await done('wait', 'over');
    const { status, stderr } = await tsbox(['attach', 'over']);
    expect(status).toBe(1);
    expect(stderr).toContain('it is not running (exited)');
  });
});

describe('run -it', () => {
  it('is left with ctrl-p ctrl-q, and goes on', async () => {
    const args = [...flags, 'run', '-it', '--name=shell', '--network=none', image, 'sh'];
    const session = new TerminalSession(args, { columns: 80, rows: 24 });
    session.type('echo x$((2+2))x\r');
    await session.see(/x4x/);
    session.type('\x10\x11');
    expect((await session.end()).status).toBe(0);
    expect(await done('ps', '--format', '{{.Names}} {{.Status}}')).toMatch(/^shell Up/);
    expect(await done('exec', 'shell', 'echo', 'alive')).toBe('alive');
  });

  it('has left nothing behind when it returns, ten times in a row', { timeout: 120_000 }, async () => {
    const run = ['run', '--rm', '-it', '--network=bridge', image, 'sh', '-c', 'echo up; exit 5'];
    const snapshot = async () => {
      const { mounts, cgroups, links, listeners, processes } = await takeSnapshot();
      const state = [...readdirSync(`${root}/containers`), ...readdirSync(`${runroot}/journal`)];
      return { mounts, cgroups, links, listeners, processes, state };
    };
    await done('run', '--rm', '--network=bridge', image, 'true');
    const before = await snapshot();
    expect(before.links?.length).toBeGreaterThan(0);
    for (let round = 0; round < 10; round++) {
      const session = new TerminalSession([...flags, ...run], { columns: 80, rows: 24 });
      expect((await session.end()).status).toBe(5);
      expect(await snapshot()).toEqual(before);
    }
  });

  it('left with ctrl-p ctrl-q, its end is its monitor’s again', async () => {
    const args = [
      ...flags,
      'run',
      '--rm',
      '-it',
      '--network=bridge',
      '--name=left',
      image,
      'sh',
      '-c',
      'echo up; read x',
    ];
    const session = new TerminalSession(args, { columns: 80, rows: 24 });
    await session.see(/up/);
    session.type('\x10\x11');
    expect((await session.end()).status).toBe(0);
    await done('kill', 'left');
    await eventually(() => readdirSync(`${root}/containers`).length === 0);
  });
});
