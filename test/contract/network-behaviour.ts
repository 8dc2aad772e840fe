import { readFileSync, readlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compareSnapshots, takeSnapshot } from '../support/leaks/snapshot.js';
import { skipInapplicable } from './inapplicable.js';
import type { NetworkDescription } from './network.js';
import { LONG, type Stage } from './stage.js';

const REQUESTS = [
  { flag: '-p', needs: 'ports', request: () => ({ publish: ['80'] }) },
  { flag: '--ip', needs: 'address', request: ({ address }: NetworkDescription) => ({ ip: address ?? '198.51.100.9' }) },
  { flag: '--mac-address', needs: 'address', request: () => ({ macAddress: '02:74:00:00:00:09' }) },
] as const;

/** What every network driver must do. */
export function describeNetworkBehaviour(stage: Stage, description: NetworkDescription): void {
  const abilities = async () => (await stage.driver('network')).capabilities;
  const printed = async (script: string) => {
    const { status, stdout, stderr } = await stage.run(script);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.trim();
  };

  it('has a namespace of its own exactly if it says so', LONG, async () => {
    const inside = await printed('readlink /proc/self/ns/net');
    expect(inside !== readlinkSync('/proc/self/ns/net')).toBe((await abilities()).ownNamespace);
  });

  it('has the loopback up', LONG, async () => {
    expect(await printed('ip link show lo')).toMatch(/[<,]UP[,>]/);
    expect(await printed('ping -c 1 -W 2 127.0.0.1')).toMatch(/ 0% packet loss/);
  });

  it('lets an ordinary user bind port 80 and send pings in a namespace of its own', LONG, async () => {
    const files = ['ip_unprivileged_port_start', 'ping_group_range'].map((name) => `/proc/sys/net/ipv4/${name}`);
    const outside = files.map((file) => readFileSync(file, 'utf8').trim());
    const { ownNamespace } = await abilities();
    expect((await printed(`cat ${files.join(' ')}`)).split('\n')).toEqual(
      ownNamespace ? ['0', '0\t2147483647'] : outside,
    );
  });

  it('shows the same network to what is executed in it later', LONG, async () => {
    await using engine = stage.engine();
    const command = ['sh', '-c', 'readlink /proc/self/ns/net; read line'];
    const box = await engine.run({ image: stage.image, command, name: 'entered' });
    const entered = await engine.exec('entered', { command: ['readlink', '/proc/self/ns/net'] });
    const { stdout } = await entered.result();
    box.stdin?.end('\n');
    expect((await box.result()).stdout).toBe(stdout);
  });

  it.each(REQUESTS)('takes $flag exactly if it says so, and says what to do otherwise', LONG, async (one) => {
    const { flag, needs, request } = one;
    const launch = stage.run('true', request(description));
    if ((await abilities())[needs]) return void expect(await launch).toMatchObject({ status: 0 });
    const fixes = expect.arrayContaining([`leave out ${flag}`]);
    await expect(launch).rejects.toMatchObject({ code: 'ERR_TSBOX_INVALID_SPEC', fixes });
  });

  it('takes no port while a plan is made', LONG, async (context) => {
    skipInapplicable(context, !(await abilities()).ports, 'it publishes no ports');
    const before = await takeSnapshot();
    await using engine = stage.engine();
    const { entries } = await engine.plan({ image: stage.image, command: ['true'], publish: ['80'] });
    expect(entries.length).toBeGreaterThan(10);
    const { links, listeners, 'nft ruleset': rules } = compareSnapshots(before, await takeSnapshot());
    expect({ links, listeners, rules }).toEqual({});
  });
}
