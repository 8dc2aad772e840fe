import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { REPOSITORY, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { until } from '../../support/until.js';
import { makeBench, ping } from '../net/bench.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'ip', 'cni');

const PLUGINS = '/usr/lib/cni';
const FORWARD = '/proc/sys/net/ipv4/ip_forward';
const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' });

/** The command line with the example, on a network that is described so. */
function benchOf(name: string, describeNetwork: (directory: string) => object) {
  const options: { conflist: string; path: string[] } = { conflist: '', path: [PLUGINS] };
  const bench = makeBench((directory: string) => {
    options.conflist = join(directory, 'network.conflist');
    options.path.push(join(directory, 'own'));
    writeFileSync(options.conflist, JSON.stringify({ cniVersion: '1.0.0', name, ...describeNetwork(directory) }));
    return {
      plugins: [join(REPOSITORY, 'examples/net-cni/index.ts')],
      pluginOptions: { 'net-cni': options },
      network: 'cni',
    };
  });
  return bench;
}

const hostLocal = (directory: string, subnet: string) => ({
  type: 'host-local',
  dataDir: join(directory, 'ipam'),
  ranges: [[{ subnet }]],
  routes: [{ dst: '0.0.0.0/0' }],
});
const bridgeOf = (directory: string) => ({
  type: 'bridge',
  bridge: `cni${process.pid % 100000}`,
  isGateway: true,
  ipMasq: true,
  ipam: hostLocal(directory, '198.51.100.0/28'),
  dns: { nameservers: ['198.51.100.1'], search: ['cni.example'] },
});

describe('the example net-cni', () => {
  const bridge = benchOf('shared', (directory) => ({ plugins: [bridgeOf(directory)] }));
  const pair = benchOf('pair', (directory) => ({
    plugins: [{ type: 'ptp', ipam: hostLocal(directory, '198.51.100.16/28') }],
  }));
  const failing = benchOf('failing', (directory) => ({ plugins: [bridgeOf(directory), { type: 'breaks' }] }));
  const leased = (bench: { readonly directory: string }, name: string) =>
    readdirSync(join(bench.directory, 'ipam', name)).filter((file) => /^\d/.test(file));
  const links = () => ip('-br', 'link').match(/^veth\w+/gm) ?? [];
  const rules = () => execFileSync('iptables', ['-t', 'nat', '-S'], { encoding: 'utf8' });
  const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8').match(/ nsfs /g)?.length ?? 0;
  const hadTable = execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }).includes('table ip nat\n');
  const forwarding = readFileSync(FORWARD, 'utf8');

  beforeAll(() => {
    const own = join(failing.directory, 'own');
    mkdirSync(own);
    const said = '{"cniVersion":"1.0.0","code":7,"msg":"the cable is unplugged","details":"in the test"}';
    writeFileSync(join(own, 'breaks'), `#!/bin/sh\n[ $CNI_COMMAND = DEL ] && exit 0\necho '${said}'; exit 1\n`);
    chmodSync(join(own, 'breaks'), 0o755);
  });
  afterAll(async () => {
    for (const bench of [bridge, pair, failing]) await bench.clear();
    // What a CNI plugin makes for all containers stays when the last one goes.
    ip('link', 'delete', bridgeOf('').bridge);
    writeFileSync(FORWARD, forwarding);
    if (!hadTable) execFileSync('nft', ['delete', 'table', 'ip', 'nat']);
  });

  it('connects containers by a bridge with addresses of host-local, and tells them what came out', async () => {
    await bridge.start('one');
    await bridge.start('two');
    expect(await bridge.inside('one', 'ip -4 -o address show eth0')).toContain('198.51.100.2/28');
    expect(await bridge.inside('one', `${ping('198.51.100.3')}; ${ping('198.51.100.1')}`)).toBe('yes\nyes');
    expect(await bridge.inside('two', 'cat /etc/hosts')).toMatch(/^198\.51\.100\.3\t.*\btwo$/m);
    const { stdout } = await bridge.tsbox('run', '--rm', bridge.image, 'cat', '/etc/resolv.conf');
    expect(stdout).toMatch(/^nameserver 198\.51\.100\.1\nsearch cni\.example\n/);
    const facts = JSON.parse(await bridge.done('inspect', 'one'))[0];
    expect(facts.NetworkSettings.Networks.cni).toMatchObject({ IPAddress: '198.51.100.2', Gateway: '198.51.100.1' });
    expect(rules()).toContain('198.51.100.2/32');
  });

  it('takes all of it back, whether the container is removed or ends with nobody there', async () => {
    await bridge.done('rm', '-f', 'one', 'two');
    await bridge.done('run', '-d', '--name', 'short', bridge.image, 'true');
    await until(() => leased(bridge, 'shared').length === 0 && mounts() === 0);
    await bridge.done('rm', 'short');
    expect({ links: links(), rules: rules().match(/198\.51\.100\.\d+\/32/g) }).toEqual({ links: [], rules: null });
    expect(readdirSync(join(bridge.runroot, 'net-cni'))).toEqual([]);
  });

  it('connects a container point to point', async () => {
    const script = `ip -4 -o address show eth0; ${ping('198.51.100.17')}`;
    const shown = await pair.done('run', '--rm', pair.image, 'sh', '-c', script);
    expect(shown).toMatch(/198\.51\.100\.18\/28[\s\S]*yes$/);
    expect({ links: links(), leased: leased(pair, 'pair') }).toEqual({ links: [], leased: [] });
  });

  it('shows what a plugin says that fails, and takes back what those before it did', async () => {
    const { status, stderr } = await failing.tsbox('run', '--rm', failing.image, 'true');
    expect({ status, stderr }).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('CNI plugin breaks failed to ADD: the cable is unplugged in the test'),
    });
    expect({ links: links(), leased: leased(failing, 'failing'), mounts: mounts() }).toEqual({
      links: [],
      leased: [],
      mounts: 0,
    });
  });

  it('takes it back by gc when the engine was killed', async () => {
    const child = startCli([
      ...pair.flags,
      `--config=${pair.directory}/tsbox.config.json`,
      'run',
      '--rm',
      pair.image,
      'sleep',
      '600',
    ]);
    await until(() => readdirSync(join(pair.directory, 'ipam')).length > 0 && leased(pair, 'pair').length === 1);
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(leased(pair, 'pair')).toHaveLength(1);
    await pair.done('gc');
    expect({ links: links(), leased: leased(pair, 'pair'), mounts: mounts() }).toEqual({
      links: [],
      leased: [],
      mounts: 0,
    });
    // A second time there is nothing.
    await pair.done('gc');
  });

  it('says what is missing before anything is done', async () => {
    const missing = benchOf('missing', () => ({ plugins: [{ type: 'nosuch' }] }));
    const { status, stderr } = await missing.tsbox('run', '--rm', missing.image, 'true');
    expect({ status, stderr }).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('no nosuch in /usr/lib/cni'),
    });
  });
});
