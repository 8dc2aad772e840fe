import { afterAll, beforeAll, expect } from 'vitest';
import { skipUnless } from '../../support/skip.js';
import { madeByTsbox, makeBench } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'ip', 'nft');

const SHOW = 'hostname; ip -o -4 address show eth0; cat /etc/hosts /etc/resolv.conf; ls /sys/class/net';

describe('--network=container:NAME', () => {
  const bench = makeBench();
  const { tsbox, done, start, inside, clear, image } = bench;
  const join = (...args: string[]) => tsbox('run', '--rm', ...args);
  beforeAll(async () => {
    await done('network', 'create', 'back');
    await start('web', '--network=back');
  });
  afterAll(clear);

  it('has the links, addresses, hostname, hosts and name servers of that container', async () => {
    const { status, stdout, stderr } = await join('--network=container:web', image, 'sh', '-c', SHOW);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.trim()).toBe(await inside('web', SHOW));
  });

  it('reaches its servers on the loopback, and it reaches ours', async () => {
    const script = 'while :; do echo there | nc -l -p 81; done';
    const id = await done('run', '-d', '--name=side', '--network=container:web', image, 'sh', '-c', script);
    const ask =
      'for try in 1 2 3 4 5 6 7 8 9; do nc -w 1 127.0.0.1 81 < /dev/null && break; sleep 0.1; done 2>/dev/null';
    expect(await inside('web', ask)).toBe('there');
    expect(await inside('side', 'readlink /proc/self/ns/net')).toBe(await inside('web', 'readlink /proc/self/ns/net'));
    expect(await done('ps', '--filter', `id=${id}`, '--format', '{{.Names}}')).toBe('side');
    await done('rm', '-f', 'side');
  });

  it('sees the names of containers that come later', async () => {
    await done('run', '-d', '--name=side', '--network=container:web', image, 'sleep', '600');
    await start('late', '--network=back');
    expect(await inside('side', 'cat /etc/hosts')).toContain('\tlate ');
    await done('rm', '-f', 'late', 'side');
  });

  it.each([
    ['-p', '8080:80'],
    ['--ip', '10.217.0.9'],
    ['--dns', '192.0.2.1'],
    ['--dns-search', 'example.org'],
    ['--add-host', 'db:192.0.2.2'],
    ['--hostname', 'other'],
    ['--network-alias', 'alias'],
    ['--userns', '100000:100000:65536'],
  ])('refuses %s', async (...flags) => {
    const { status, stderr } = await join('--network=container:web', ...flags, image, 'true');
    expect({ status, code: /ERR_\w+/.exec(stderr)?.[0] }).toEqual({ status: 125, code: 'ERR_TSBOX_INVALID_SPEC' });
  });

  it.each([
    ['container:nosuch', 'there is no container of that name or id'],
    ['container:ended', 'it is exited'],
    ['container', 'it needs the name or id of a container'],
    ['bridge:web', 'it joins no network of a container'],
  ])('%s is refused before anything is done', async (network, why) => {
    if (network.endsWith('ended')) await done('run', '--name=ended', '--network=none', image, 'true');
    const { status, stderr } = await join(`--network=${network}`, image, 'true');
    expect({ status, stderr }).toMatchObject({ status: 125, stderr: expect.stringContaining(why) });
    if (network.endsWith('ended')) await done('rm', 'ended');
  });

  it('of a container that is stopped starts again only when that one runs', async () => {
    await start('base', '--network=back');
    await done('run', '-d', '--name=side', '--network=container:base', image, 'sleep', '600');
    await done('rm', '-f', 'base');
    // The namespace lives as long as somebody is in it.
    expect(await inside('side', 'ip -o link show lo')).toContain('LOOPBACK');
    await done('stop', '-t', '0', 'side');
    expect((await tsbox('start', 'side')).stderr).toContain('cannot join the network of container "base"');
    await done('rm', 'side');
    expect(madeByTsbox().filter((name) => name.startsWith('tsbn')).length).toBe(2);
  });
});
