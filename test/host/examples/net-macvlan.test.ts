import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { createEngine } from '../../../core/index.js';
import macvlan from '../../../examples/net-macvlan/index.js';
import { REPOSITORY } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { until } from '../../support/until.js';
import { makeBench, ping } from '../net/bench.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'ip');

const SUBNET = '198.51.100.0/28';
const [wire, farEnd] = [`mv${process.pid}a`, `mv${process.pid}b`];
const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' });

describe('the example net-macvlan', () => {
  const options = { parent: wire, subnet: SUBNET, range: '198.51.100.4/30', gateway: '198.51.100.1' };
  const config = (more: object = {}) => ({
    plugins: [join(REPOSITORY, 'examples/net-macvlan/index.ts')],
    pluginOptions: { 'net-macvlan': { ...options, ...more } },
    network: 'macvlan',
  });
  const bench = makeBench(config());
  const isolated = makeBench(config({ mode: 'private' }));
  const wrong = makeBench(config({ parent: 'nosuch' }));
  const { tsbox, done, start, inside, clear, image } = bench;
  const leases = () => readdirSync(join(bench.runroot, 'net-macvlan', wire)).sort();

  beforeAll(() => {
    // The far end of the wire is the router, and all else that there is.
    ip('link', 'add', wire, 'type', 'veth', 'peer', 'name', farEnd);
    for (const link of [wire, farEnd]) ip('link', 'set', link, 'up');
    ip('address', 'add', '198.51.100.1/28', 'dev', farEnd);
  });
  afterAll(async () => {
    await clear();
    await isolated.clear();
    ip('link', 'delete', wire);
  });

  it('gives each container a link on the wire, an address of the range, and the way out', async () => {
    await start('one');
    await start('two');
    expect(await inside('one', 'ip -4 -o address show eth0')).toContain('198.51.100.4/28');
    expect(await inside('one', 'cat /sys/class/net/eth0/address')).toBe('02:74:c6:33:64:04');
    expect(await inside('one', 'ip route')).toContain('default via 198.51.100.1 dev eth0');
    expect(await inside('two', 'cat /etc/hosts')).toContain('198.51.100.5\t');
    expect(await inside('one', `${ping('198.51.100.5')}; ${ping('198.51.100.1')}`)).toBe('yes\nyes');
    expect(await done('inspect', '--format', '{{.NetworkSettings.Networks.macvlan.IPAddress}}', 'two')).toBe(
      '198.51.100.5',
    );
    expect(leases()).toEqual(['198.51.100.4', '198.51.100.5']);
  });

  it('makes no link on the host', () => {
    expect(ip('-br', 'link').match(/macvlan|eth0/g)).toBeNull();
  });

  it('gives the address that was asked for, once, and none that is not of the subnet', async () => {
    const show = ['sh', '-c', 'ip -4 -o address show eth0; cat /sys/class/net/eth0/address'];
    const flags = ['--ip', '198.51.100.9', '--mac-address', '02:42:00:00:00:07'];
    const shown = await done('run', '--rm', ...flags, image, ...show);
    expect([shown.includes(' 198.51.100.9/28 '), shown.split('\n').at(-1)]).toEqual([true, '02:42:00:00:00:07']);
    const codes = ['198.51.100.4', '198.51.100.1', '198.51.100.15', '192.0.2.1'].map(async (address) => {
      const { status, stderr } = await tsbox('run', '--rm', '--ip', address, image, 'true');
      return [status, /ERR_\w+/.exec(stderr)?.[0]];
    });
    const [taken, invalid] = ['ERR_TSBOX_ADDRESS_IN_USE', 'ERR_TSBOX_INVALID_SPEC'].map((code) => [125, code]);
    expect(await Promise.all(codes)).toEqual([taken, taken, invalid, invalid]);
  });

  it('says so when all addresses are taken, and gives one again that came back', async () => {
    await start('three');
    await start('four');
    expect((await tsbox('run', '--rm', image, 'true')).stderr).toContain('all addresses of 198.51.100.4/30 are taken');
    await done('rm', '-f', 'three');
    await start('three');
    expect(leases()).toHaveLength(4);
  });

  it('gives the address back when a detached container ends by itself, with nobody there', async () => {
    await done('rm', '-f', 'one', 'two', 'three', 'four');
    await done('run', '-d', '--name', 'short', image, 'true');
    await until(() => leases().length === 0);
    await done('rm', 'short');
  });

  it('shows in a plan what it would do, and takes nothing', async () => {
    const plan = await done('plan', image, 'true');
    expect(plan).toMatch(/net-macvlan\s+lease/);
    expect(plan).toContain(`on ${wire}, in the container`);
    expect(leases()).toEqual([]);
  });

  it('keeps containers apart where that is asked for', async () => {
    await isolated.start('one');
    await isolated.start('two');
    expect(await isolated.inside('one', `${ping('198.51.100.5')}; ${ping('198.51.100.1')}`)).toBe('no\nyes');
  });

  it('waits for the MAC address of a container that has just ended', async () => {
    const { root, runroot } = bench;
    const pluginOptions = { 'net-macvlan': options };
    await using engine = await createEngine({ root, runroot, plugins: [macvlan], pluginOptions });
    const launch = () => engine.run({ image, command: ['true'], network: 'macvlan', ip: '198.51.100.9' });
    await (await launch()).wait();
    // As a namespace that the kernel has not removed yet.
    const late = `mv${process.pid}c`;
    const mac = '02:74:c6:33:64:09';
    const add = ['link', 'add', late, 'link', wire, 'address', mac, 'up', 'type', 'macvlan', 'mode', 'bridge'];
    await until(() => spawnSync('ip', add).status === 0);
    setTimeout(() => ip('link', 'delete', late), 1000);
    const box = await launch();
    expect(ip('-br', 'link')).not.toContain(late);
    expect(await box.wait()).toMatchObject({ status: 0 });
  });

  it('says what is wrong with its options before anything is done', async () => {
    const { status, stderr } = await wrong.tsbox('run', '--rm', image, 'true');
    expect({ status, stderr }).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('there is no link "nosuch"'),
    });
    expect(existsSync(join(wrong.runroot, 'net-macvlan'))).toBe(false);
  });
});
