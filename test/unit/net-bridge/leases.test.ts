import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseAddress, parseSubnet, type Subnet } from '../../../core/plugin/index.js';
import { LeaseDirectory } from '../../../plugins/net-bridge/leases.js';
import { tempDirectory } from '../../support/temp-root.js';

const SUBNET = parseSubnet('10.209.0.0/29') as Subnet;
const GATEWAY = parseAddress('10.209.0.1') as number;
const POOL = { subnet: SUBNET, gateway: GATEWAY };
const port = { protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8080, containerPort: 80 } as const;

describe('the leases of a network', () => {
  const runroot = tempDirectory();
  let number = 0;
  let leases: LeaseDirectory;
  beforeEach(() => {
    leases = LeaseDirectory.of(join(runroot, String(number++)), 'tsbox0');
    leases.make();
  });

  it('are the lowest free addresses, without network, bridge and broadcast', () => {
    const addresses = ['a', 'b', 'c', 'd', 'e'].map((id) => leases.take(id, POOL).address);
    expect(addresses).toEqual(['10.209.0.2', '10.209.0.3', '10.209.0.4', '10.209.0.5', '10.209.0.6']);
    expect(() => leases.take('f', POOL)).toThrow(expect.objectContaining({ code: 'ERR_TSBOX_NO_ADDRESS' }));
  });

  it('are free again when they are dropped', () => {
    leases.take('a', POOL);
    leases.drop('a', leases.find('a') ?? { address: '', ports: [] });
    expect(leases.isUnused).toBe(true);
    expect(leases.take('b', POOL).address).toBe('10.209.0.2');
  });

  it.each(['10.209.0.0', '10.209.0.7', '10.209.0.8', '10.208.0.2'])('do not include %s', (asked) => {
    expect(() => leases.take('a', POOL, asked)).toThrow(expect.objectContaining({ code: 'ERR_TSBOX_INVALID_SPEC' }));
    expect(leases.isUnused).toBe(true);
  });

  it('belong to one container at a time', () => {
    leases.take('a', POOL, '10.209.0.5');
    expect(() => leases.take('b', POOL, '10.209.0.5')).toThrow(
      expect.objectContaining({ code: 'ERR_TSBOX_ADDRESS_IN_USE' }),
    );
    expect(() => leases.take('b', POOL, '10.209.0.1')).toThrow(/it is the gateway's/);
  });

  it('keep the ports of the host', () => {
    leases.takePorts('a', leases.take('a', POOL), [port]);
    expect(leases.ports()).toEqual([{ ...port, containerPort: 0 }]);
    leases.drop('a', leases.find('a') ?? { address: '', ports: [] });
    expect(readdirSync(leases.path)).toEqual([]);
  });

  it('are not taken from a container that has the address by now', () => {
    const lease = leases.take('a', POOL);
    writeFileSync(join(leases.path, lease.address), 'b');
    leases.drop('a', lease);
    expect(readdirSync(leases.path)).toEqual([lease.address]);
  });

  it('can be dropped when their record was cut short by a full disk', () => {
    writeFileSync(join(leases.path, 'a.json'), '{"addr');
    const lease = leases.find('a');
    expect(lease).toEqual({ address: '', ports: [] });
    leases.drop('a', lease ?? { address: '', ports: [] });
    expect(leases.isUnused).toBe(true);
  });

  it('leave no directory when the last network goes, and others alone', () => {
    const own = join(runroot, 'own');
    const [one, two] = ['tsbox0', 'tsbox1'].map((bridge) => LeaseDirectory.of(own, bridge));
    one?.make();
    two?.make();
    one?.remove();
    expect(LeaseDirectory.list(own)).toEqual(['tsbox1']);
    two?.remove();
    expect(readdirSync(own)).toEqual([]);
    mkdirSync(own, { recursive: true });
  });
});
