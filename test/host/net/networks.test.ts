import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { afterEach, expect } from 'vitest';
import { createEngine } from '../../../core/index.js';
import { skipUnless } from '../../support/skip.js';
import { madeByTsbox, makeBench } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'ip', 'nft');

describe('tsbox network', () => {
  const bench = makeBench();
  const { tsbox, done, start, inside, clear } = bench;
  afterEach(clear);

  it('create prints an id, ls and inspect show it, rm echoes it', async () => {
    const id = await done('network', 'create', '--label', 'tier=back', '--subnet', '198.51.100.0/25', 'back');
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    const table = (await done('network', 'ls')).split('\n');
    expect(table[0]).toBe('NETWORK ID     NAME      DRIVER');
    expect(table.slice(1).map((line) => line.split(/\s+/)[1])).toEqual(['back', 'bridge', 'host', 'none']);
    expect(await done('network', 'ls', '-q', '--no-trunc', '--filter', 'label=tier=back')).toBe(id);
    expect(
      await done('network', 'ls', '--filter', 'type=custom', '--format', '{{.ID}} {{.Scope}} {{.Label "tier"}}'),
    ).toBe(`${id.slice(0, 12)} local back`);
    const [inspected] = JSON.parse(await done('network', 'inspect', id.slice(0, 8)));
    expect(inspected).toMatchObject({
      Name: 'back',
      Id: id,
      Driver: 'bridge',
      IPAM: { Config: [{ Subnet: '198.51.100.0/25', Gateway: '198.51.100.1' }] },
      Internal: false,
      Containers: {},
      Labels: { tier: 'back' },
    });
    expect(madeByTsbox()).toEqual([]);
    expect(await done('network', 'rm', id.slice(0, 12))).toBe(id.slice(0, 12));
    expect(readdirSync(`${bench.root}/networks`)).toEqual([]);
  });

  it('chooses subnets that do not overlap, and refuses one that does by the name of what it overlaps', async () => {
    await done('network', 'create', 'one');
    await done('network', 'create', 'two');
    const subnets = await done(
      'network',
      'inspect',
      'one',
      'two',
      '--format',
      '{{range .IPAM.Config}}{{.Subnet}}{{end}}',
    );
    expect(subnets.split('\n')).toEqual(['10.217.0.0/20', '10.217.16.0/20']);
    const { status, stderr } = await tsbox('network', 'create', '--subnet', '10.217.20.0/24', 'three');
    expect(status).toBe(1);
    expect(stderr).toContain('it overlaps with network "two" (10.217.16.0/20)');
  });

  it.each([
    [['--subnet', '10.0.0.1/24'], 'it is not an IPv4 network'],
    [['--subnet', '10.1.0.0/24', '--gateway', '10.2.0.1'], 'it is not an address of 10.1.0.0/24'],
    [['--subnet', '10.1.0.0/24', '--ip-range', '10.1.1.0/25'], 'it is not a part of 10.1.0.0/24'],
    [['-o', 'mtu=12'], 'it is not a number from 576 to 65535'],
    [['-o', 'colour=red'], 'have no such option'],
    [['-d', 'host'], 'has the one network of its own name'],
    [['-d', 'nosuch'], 'there is no network driver of that name'],
  ])('create %j is refused', async (flags, why) => {
    const { status, stderr } = await tsbox('network', 'create', ...flags, 'bad');
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining(why) });
    expect(await done('network', 'ls', '-q', '--filter', 'type=custom')).toBe('');
  });

  it('of one name is made once, however many ask at once', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => tsbox('network', 'create', 'same')));
    expect(results.filter(({ status }) => status === 0).length).toBe(1);
    expect(results.filter(({ stderr }) => stderr.includes('ERR_TSBOX_NAME_IN_USE')).length).toBe(7);
  });

  it('made at once have subnets of their own', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(names.map((name) => done('network', 'create', name)));
    const text = await done('network', 'inspect', ...names, '--format', '{{range .IPAM.Config}}{{.Subnet}}{{end}}');
    expect(new Set(text.split('\n')).size).toBe(6);
  });

  it('rm refuses what is always there, what is not there, and goes on with the next', async () => {
    await done('network', 'create', 'mine');
    const { status, stdout, stderr } = await tsbox('network', 'rm', 'bridge', 'nosuch', 'mine');
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'mine\n' });
    expect(stderr).toMatch(/"bridge": it is always there[\s\S]*cannot find network "nosuch"/);
    const gone = { status: 0, stdout: '', stderr: 'tsbox: warning: there is no network "nosuch"\n' };
    expect(await tsbox('network', 'rm', '-f', 'nosuch')).toEqual(gone);
  });

  it('rm and prune leave a network that a container uses, running or kept', async () => {
    await done('network', 'create', 'used');
    await done('network', 'create', 'free');
    await start('user', '--network=used');
    for (const state of ['running', 'kept']) {
      const { status, stderr } = await tsbox('network', 'rm', 'used');
      expect({ state, status }).toEqual({ state, status: 1 });
      expect(stderr).toContain('containers use it: user');
      if (state === 'running') await done('stop', 'user');
    }
    expect(await done('network', 'prune', '-f')).toBe('Deleted Networks:\nfree');
    expect(await done('network', 'ls', '--filter', 'dangling=true', '-q')).toBe('');
    await clear();
    expect(await done('network', 'ls', '-q', '--filter', 'type=custom')).toBe('');
  });

  it('names a network that is not there, and what to do, before anything is done', async () => {
    await done('network', 'create', 'backend');
    const { status, stderr } = await tsbox('run', '--rm', '--network=backnd', bench.image, 'true');
    expect(status).toBe(125);
    expect(stderr).toMatch(/did you mean backend\?[\s\S]*tsbox network create backnd[\s\S]*ERR_TSBOX_NO_SUCH_NETWORK/);
    expect(existsSync(`${bench.root}/containers`) ? readdirSync(`${bench.root}/containers`) : []).toEqual([]);
  });

  it('makes a bridge of its own for its first container, and takes it away with the last', async () => {
    const id = await done(
      'network',
      'create',
      '-o',
      'mtu=1400',
      '--ip-range',
      '198.51.100.64/26',
      '--subnet',
      '198.51.100.0/24',
      'own',
    );
    await start('first', '--network', id.slice(0, 10));
    expect(madeByTsbox()).toContain(`tsbn${id.slice(0, 10)}`);
    expect(await inside('first', 'ip -o address show eth0; cat /sys/class/net/eth0/mtu')).toMatch(
      /inet 198\.51\.100\.64\/24[\s\S]*\n1400$/,
    );
    const [{ Containers }] = JSON.parse(await done('network', 'inspect', 'own'));
    expect(Object.values(Containers)).toMatchObject([{ Name: 'first', IPv4Address: '198.51.100.64/24' }]);
    await done('stop', 'first');
    expect(madeByTsbox()).toEqual([]);
    await done('start', 'first');
    expect(await inside('first', 'ip -o address show eth0')).toContain('198.51.100.64/24');
    await clear();
    expect(madeByTsbox()).toEqual([]);
  });

  it('does the same through the library', async () => {
    await using engine = await createEngine({ root: bench.root, runroot: bench.runroot, network: 'lib' });
    const { id } = await engine.networks.create({ name: 'lib', labels: { made: 'here' } });
    await engine.networks.create({ name: 'more', subnet: '198.51.100.0/24' });
    const box = await engine.run({
      image: bench.image,
      command: ['sh', '-c', 'read line; ip -o -4 address'],
      name: 'boxed',
    });
    expect(await engine.networks.connect('more', 'boxed', { ip: '198.51.100.7' })).toEqual([]);
    const { containers } = await engine.networks.inspect('more');
    expect(containers).toMatchObject([{ name: 'boxed', endpoint: { link: 'eth1', address: '198.51.100.7' } }]);
    await expect(engine.networks.connect('more', 'boxed', { aliases: ['a\n192.0.2.1 b'] })).rejects.toThrow(/alias/);
    await expect(engine.networks.remove('lib')).rejects.toMatchObject({ code: 'ERR_TSBOX_IN_USE' });
    box.stdin?.end('go\n');
    expect((await box.result()).stdout).toMatch(/eth0 .*10\.217\.0\.2\/20[\s\S]*eth1 .*198\.51\.100\.7\/24/);
    expect((await engine.networks.list()).map(({ name }) => name)).toEqual(['bridge', 'host', 'lib', 'more', 'none']);
    expect(await engine.networks.remove('lib')).toBe(id);
    expect((await engine.networks.prune()).map(({ name }) => name)).toEqual(['more']);
  });

  it('leaves a network with a damaged file out of the list, and says so', async () => {
    await done('network', 'create', 'good');
    writeFileSync(`${bench.root}/networks/bad.json`, '{"version":1,');
    const { status, stdout, stderr } = await tsbox('network', 'ls', '--format', '{{.Name}}');
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'bridge\ngood\nhost\nnone\n' });
    expect(stderr).toContain(`${bench.root}/networks/bad.json`);
    expect((await tsbox('network', 'rm', 'bad')).stderr).toContain('bad.json');
    await import('node:fs').then(({ rmSync }) => rmSync(`${bench.root}/networks/bad.json`));
  });
});
