import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeNetworkDriver } from 'tsbox/testing';
import { afterAll, beforeAll } from 'vitest';
import allowlist from '../../../examples/net-allowlist/index.js';
import cni from '../../../examples/net-cni/index.js';
import macvlan from '../../../examples/net-macvlan/index.js';
import { describeLaunches } from '../../contract/launches.js';
import { describeNetworkBehaviour } from '../../contract/network-behaviour.js';
import { Stage } from '../../contract/stage.js';
import { Subject } from '../../contract/subject.js';
import { type ExampleDriver, expectUndoMissed } from '../../support/forgetful.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'ip', 'nft', 'cni');

const LONG = 300_000;
const FORWARD = '/proc/sys/net/ipv4/ip_forward';
const wire = `ms${process.pid}`;
const directory = tempDirectory();
const conflist = join(directory, 'network.conflist');
const module = (name: string) => new URL(`../../../examples/${name}/index.ts`, import.meta.url);

const MACVLAN = { parent: wire, subnet: '198.51.100.0/28' };
const ALLOWLIST = { hosts: ['registry.example'] };
const NETWORK = {
  cniVersion: '1.0.0',
  name: 'suite',
  plugins: [
    {
      type: 'ptp',
      ipam: { type: 'host-local', dataDir: join(directory, 'ipam'), ranges: [[{ subnet: '198.51.100.16/28' }]] },
    },
  ],
};

describe('examples of network drivers', () => {
  const forwarding = readFileSync(FORWARD, 'utf8');
  beforeAll(() => {
    execFileSync('ip', ['link', 'add', wire, 'type', 'veth', 'peer', 'name', `${wire}b`]);
    for (const link of [wire, `${wire}b`]) execFileSync('ip', ['link', 'set', link, 'up', 'addrgenmode', 'none']);
    writeFileSync(conflist, JSON.stringify(NETWORK));
    // What ptp sets for all of its containers.
    writeFileSync(FORWARD, '1');
  });
  afterAll(() => {
    execFileSync('ip', ['link', 'delete', wire]);
    writeFileSync(FORWARD, forwarding);
  });

  describeNetworkDriver(macvlan, {
    driver: 'macvlan',
    module: module('net-macvlan'),
    pluginOptions: MACVLAN,
    address: '198.51.100.9',
  });
  describeNetworkDriver(allowlist, { driver: 'allowlist', module: module('net-allowlist'), pluginOptions: ALLOWLIST });
  // Addresses of host-local are others each time: no two launches are alike, as the suite's faults want them.
  const ofCni = { driver: 'cni', module: module('net-cni'), pluginOptions: { conflist } };
  describe('network driver cni', () => {
    const stage = new Stage(new Subject(cni, ofCni, 'network'));
    describeLaunches(stage);
    describeNetworkBehaviour(stage, ofCni);
  });

  const UNDO: readonly (readonly [undo: string, of: ExampleDriver])[] = [
    ['release', { example: 'net-macvlan', driver: 'macvlan', pluginOptions: MACVLAN }],
    ['close', { example: 'net-allowlist', driver: 'allowlist', pluginOptions: ALLOWLIST }],
    ['del', { example: 'net-cni', driver: 'cni', pluginOptions: { conflist } }],
  ];
  it.each(UNDO)('a suite notices when "%s" does nothing', { timeout: LONG }, (undo, of) => expectUndoMissed(of, undo));
});
