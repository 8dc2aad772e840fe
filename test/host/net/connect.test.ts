import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, expect } from 'vitest';
import { CLI, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { madeByTsbox, makeBench, NO_QUERIES, ping } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'ip', 'nft');

describe('tsbox network connect', () => {
  const bench = makeBench();
  const { tsbox, done, start, inside, clear, flags, image } = bench;
  const networks = async () => {
    await done('network', 'create', 'one');
    await done('network', 'create', 'two');
  };
  const route = (name: string) => inside(name, 'ip route | grep default');
  const record = (name: string, file = 'container.json') => {
    const id = readFileSync(`${bench.root}/names/${name}`, 'utf8');
    return JSON.parse(readFileSync(`${bench.root}/containers/${id}/${file}`, 'utf8'));
  };
  beforeAll(() => expect(madeByTsbox()).toEqual([]));
  afterEach(clear);

  it('gives a running container an interface, and disconnect takes it away', async () => {
    await networks();
    await start('web', '--network=one');
    await start('peer', '--network=two');
    await done('network', 'connect', 'two', 'web', '--ip', '10.217.16.99', '--alias', 'www');
    expect(await inside('web', 'ip -o -4 address show eth1')).toContain('10.217.16.99/20');
    expect(await route('web')).toBe('default via 10.217.0.1 dev eth0');
    expect(await inside('peer', ping('www'))).toBe('yes');
    expect(record('web').networks).toEqual(['one', 'two']);
    expect((await tsbox('network', 'connect', 'two', 'web')).stderr).toContain('it is connected to it already');
    await done('network', 'disconnect', 'two', 'web');
    expect(await inside('web', 'ip -o link')).not.toContain('eth1');
    expect(record('web').networks).toEqual(['one']);
    expect((await tsbox('network', 'disconnect', 'two', 'web')).status).toBe(1);
    await done('network', 'disconnect', '-f', 'two', 'web');
    await clear();
    expect(madeByTsbox()).toEqual([]);
  });

  it('is remembered: the next start has both, and stop leaves nothing of either', async () => {
    await networks();
    await start('web', '--network=one');
    await done('network', 'connect', 'two', 'web', '--alias', 'www');
    await done('stop', 'web');
    expect(madeByTsbox()).toEqual([]);
    await done('start', 'web');
    expect(await inside('web', 'ip -o -4 address')).toMatch(/eth0 .*10\.217\.0\.2\/20[\s\S]*eth1 .*10\.217\.16\.2\/20/);
    expect(await inside('web', 'grep www /etc/hosts')).toMatch(/^10\.217\.16\.2\t/);
    await clear();
    expect(madeByTsbox()).toEqual([]);
  });

  it('of a container that does not run is done when it starts', async () => {
    await networks();
    await done('create', '--name=later', '--network=one', ...NO_QUERIES, image, 'sleep', '600');
    await done('network', 'connect', 'two', 'later');
    await done('network', 'disconnect', 'one', 'later');
    expect(madeByTsbox()).toEqual([]);
    await done('start', 'later');
    expect(await inside('later', 'ip -o -4 address')).toMatch(/eth0 .*10\.217\.16\.2\/20/);
    expect(await inside('later', 'ip -o link')).not.toContain('eth1');
    await clear();
  });

  it('moves the default route and the published ports when the first network is left', async () => {
    await networks();
    const script = 'while :; do echo hello | nc -l -p 80; done';
    await done('run', '-d', '--name=web', '--network=one', '-p', '18075:80', image, 'sh', '-c', script);
    await start('asker');
    const get = () => inside('asker', 'nc -w 1 10.209.0.1 18075 < /dev/null 2>/dev/null; true');
    await done('network', 'connect', 'two', 'web');
    await done('network', 'disconnect', 'one', 'web');
    expect(await route('web')).toBe('default via 10.217.16.1 dev eth1');
    expect(await inside('web', 'grep web /etc/hosts | head -1')).toMatch(/^10\.217\.16\.2\t/);
    expect(await get()).toBe('hello');
    await done('network', 'disconnect', 'two', 'web');
    expect(await route('web')).toBe('');
    expect(await get()).toBe('');
    expect(record('web').networks).toEqual([]);
    await done('network', 'connect', 'bridge', 'web');
    expect(await route('web')).toMatch(/^default via 10\.209\.0\.1 dev eth\d/);
    expect(record('web', 'details.json').spec.drivers.network).toBe('bridge');
    await clear();
    expect(madeByTsbox()).toEqual([]);
  });

  it('is refused for the networks none and host, and for what is not there', async () => {
    await networks();
    await start('alone', '--network=none');
    const refused = await tsbox('network', 'connect', 'one', 'alone');
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('of the driver "none"') });
    expect((await tsbox('network', 'connect', 'nosuch', 'alone')).stderr).toContain('ERR_TSBOX_NO_SUCH_NETWORK');
    expect((await tsbox('network', 'connect', 'one', 'nosuch')).stderr).toContain('ERR_TSBOX_NO_SUCH_CONTAINER');
    await start('web', '--network=one');
    const bad = await tsbox('network', 'connect', '--ip', '10.1.1.1', 'two', 'web');
    expect(bad).toMatchObject({ status: 1, stderr: expect.stringContaining('cannot give the address 10.1.1.1') });
    expect(await inside('web', 'ip -o link')).not.toContain('eth1');
    expect(madeByTsbox().filter((name) => name.startsWith('tsbv'))).toEqual([]);
    await clear();
  });

  it('at once by several is done once', async () => {
    await networks();
    await start('web', '--network=one');
    const results = await Promise.all(Array.from({ length: 4 }, () => tsbox('network', 'connect', 'two', 'web')));
    expect(results.map(({ status }) => status).sort()).toEqual([0, 1, 1, 1]);
    expect((await inside('web', 'ip -o -4 address')).match(/eth/g)?.length).toBe(4);
    await clear();
    expect(madeByTsbox()).toEqual([]);
  });

  it('of an engine that is killed leaves nothing behind after gc, names included', async () => {
    await networks();
    await start('stays', '--network=two');
    const victim = startCli([
      ...flags,
      'run',
      '--name=victim',
      '--network=one',
      image,
      'sh',
      '-c',
      'echo up; sleep 600',
    ]);
    await new Promise((resolve) => victim.stdout?.once('data', resolve));
    while ((await tsbox('network', 'connect', 'two', 'victim')).status !== 0) await sleep(20);
    expect(await inside('stays', ping('victim'))).toBe('yes');
    const ended = new Promise((resolve) => victim.once('close', resolve));
    victim.kill('SIGKILL');
    await ended;
    await sleep(100);
    await tsbox('gc');
    expect(await inside('stays', 'cat /etc/hosts')).not.toContain('victim');
    expect(madeByTsbox().filter((name) => name.startsWith('tsbn')).length).toBe(2);
    // It stays listed, with both networks, and starts with them.
    expect(record('victim').networks).toEqual(['one', 'two']);
    await clear();
    expect(madeByTsbox()).toEqual([]);
  });

  it('that is killed at any moment can be done again, and leaves nothing', async () => {
    await networks();
    await start('web', '--network=one');
    for (let delay = 60; delay < 260; delay += 20) {
      const args = [CLI, ...flags, 'network', 'connect', 'two', 'web'];
      const child = spawn(process.execPath, args, { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('close', resolve));
      await sleep(delay);
      child.kill('SIGKILL');
      await ended;
      if (!record('web').networks.includes('two')) await done('network', 'connect', 'two', 'web');
      expect((await inside('web', 'ip -o -4 address')).match(/inet 10\./g)?.length).toBe(2);
      await done('network', 'disconnect', 'two', 'web');
    }
    await clear();
    expect(madeByTsbox()).toEqual([]);
  });
});
