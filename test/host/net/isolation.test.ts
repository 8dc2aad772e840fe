import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect } from 'vitest';
import { skipUnless } from '../../support/skip.js';
import { makeBench, ping } from './bench.js';
import { makeOutside, type Outside } from './internet.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'ip', 'nft');

const SERVER = ['sh', '-c', 'while :; do echo hello | nc -l -p 80; done'];

describe('networks that were made', () => {
  const bench = makeBench();
  const { tsbox, done, start, inside, clear } = bench;
  const get = (host: string, port: number) => `nc -w 1 ${host} ${port} < /dev/null 2>/dev/null; true`;
  let outside: Outside;
  beforeAll(async () => {
    outside = await makeOutside(1);
    await done('network', 'create', 'one');
    await done('network', 'create', 'two');
    await done('network', 'create', '--internal', 'inner');
    await done('network', 'create', '-o', 'com.docker.network.bridge.enable_icc=false', 'apart');
    await start('aa', '--network=one');
    const flags = ['--name', 'bb', '--network=two', '-p', '18070:80'];
    await done('run', '-d', ...flags, bench.image, ...SERVER);
    await start('dd');
    await Promise.all([start('ii', '--network=inner'), start('jj', '--network=inner')]);
    await Promise.all([start('xx', '--network=apart'), start('yy', '--network=apart')]);
  });
  afterAll(async () => {
    await clear();
    await outside.close();
  });
  const address = async (name: string) => {
    const line = await inside(name, 'ip -o -4 address show eth0');
    return /inet ([\d.]+)/.exec(line)?.[1] as string;
  };

  it('have bridges, subnets and tables of their own', async () => {
    const addresses = await Promise.all(['aa', 'bb', 'dd', 'ii', 'xx'].map(address));
    expect(new Set(addresses.map((each) => each.split('.').slice(0, 3).join('.'))).size).toBe(5);
    expect(execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }).match(/tsb\w+/g)?.length).toBe(5);
  });

  it.each([
    ['aa', 'bb'],
    ['bb', 'aa'],
    ['aa', 'dd'],
    ['dd', 'aa'],
    ['ii', 'aa'],
    ['aa', 'ii'],
  ])('keep %s from %s', async (from, to) => {
    expect(await inside(from, ping(await address(to)))).toBe('no');
  });

  it('are closed to each other also where a port is published, but by an address of the host', async () => {
    const target = await address('bb');
    expect(await inside('aa', get(target, 80))).toBe('');
    expect(await inside('aa', get(target, 18070))).toBe('');
    expect(await inside('dd', get(target, 80))).toBe('');
    expect(await inside('aa', get(outside.hostAddress, 18070))).toBe('hello');
    expect(await inside('dd', get('10.209.0.1', 18070))).toBe('hello');
  });

  it('lead out, unless they are internal', async () => {
    expect(await inside('aa', ping(outside.address))).toBe('yes');
    expect(await inside('ii', ping(outside.address))).toBe('no');
    expect(await inside('ii', 'ip route')).not.toContain('default');
    expect(await inside('ii', ping('jj'))).toBe('yes');
    // Nor with a route that somebody in it adds, nor to a port that another network publishes.
    const gateway = JSON.parse(await done('network', 'inspect', 'inner'))[0].IPAM.Config[0].Gateway;
    expect(await inside('ii', `ip route add default via ${gateway}; ${ping(outside.address)}`)).toBe('no');
    expect(await inside('ii', get(gateway, 18070))).toBe('');
    const { status, stderr } = await tsbox('run', '--rm', '-p', '18071:80', '--network=inner', bench.image, 'true');
    expect({ status, stderr }).toMatchObject({ status: 125, stderr: expect.stringContaining('"inner" is internal') });
  });

  it('with icc=false keep their containers from each other, not from the world', async () => {
    expect(await inside('xx', ping('yy'))).toBe('no');
    expect(await inside('yy', ping('xx'))).toBe('no');
    expect(await inside('xx', ping(outside.address))).toBe('yes');
    // Nor by way of the host.
    const target = await address('yy');
    const gateway = JSON.parse(await done('network', 'inspect', 'apart'))[0].IPAM.Config[0].Gateway;
    expect(await inside('xx', `ip route add ${target}/32 via ${gateway}; ${ping(target)}`)).toBe('no');
  });
});
