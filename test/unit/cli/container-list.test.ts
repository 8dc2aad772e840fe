import { describe, expect, it } from 'vitest';
import { containerList, formatStatus } from '../../../cli/container-list.js';
import { formatPorts } from '../../../cli/ports.js';
import type { ContainerSummary } from '../../../core/containers/summary.js';
import type { PortSpec } from '../../../core/plugin/spec.js';

const NOW = Date.parse('2026-11-22T03:10:00.000Z');
const BOX: ContainerSummary = {
  id: 'ab'.repeat(32),
  name: 'web',
  image: 'tiny',
  command: ['sh', '-c', 'exit 42'],
  created: '2026-11-22T03:05:00.000Z',
  state: 'running',
  pid: 1,
  started: '2026-11-22T03:09:58.000Z',
  exitCode: undefined,
  finished: undefined,
  oomKilled: false,
  restarts: 0,
  error: undefined,
  labels: { a: 'b', c: 'd' },
  networks: ['bridge', 'backend'],
  ports: [],
  mounts: [
    { source: '/srv/a-very-long-directory-name', target: '/a' },
    { source: 'data', target: '/b' },
  ],
};
const shown = (field: string, box: Partial<ContainerSummary> = {}, whole = false): unknown =>
  containerList({ whole, sizes: false, now: NOW }).fields[field]?.[1]({ ...BOX, ...box });

describe('status', () => {
  it.each([
    [{ state: 'created' }, 'Created'],
    [{}, 'Up 2 seconds'],
    [{ state: 'paused' }, 'Up 2 seconds (Paused)'],
    [{ started: '2026-11-22T03:10:00.000Z' }, 'Up Less than a second'],
    [{ started: '2026-11-22T03:05:00.000Z' }, 'Up 5 minutes'],
    [{ state: 'exited', exitCode: 137, finished: '2026-11-22T03:09:57.000Z' }, 'Exited (137) 3 seconds ago'],
    [{ state: 'exited', exitCode: 0, finished: '2026-11-22T03:10:00.000Z' }, 'Exited (0) Less than a second ago'],
    [{ state: 'restarting', exitCode: 1, finished: '2026-11-22T03:09:55.000Z' }, 'Restarting (1) 5 seconds ago'],
    [{ state: 'removing' }, 'Removal In Progress'],
  ] as [Partial<ContainerSummary>, string][])('%j is %s', (box, text) =>
    expect(formatStatus({ ...BOX, ...box }, NOW)).toBe(text),
  );
});

describe('columns', () => {
  it.each([
    ['ID', 'abababababab'],
    ['Command', '"sh -c \'exit 42\'"'],
    ['RunningFor', '5 minutes ago'],
    ['CreatedAt', '2026-11-22 03:05:00 +0000 UTC'],
    ['Labels', 'a=b,c=d'],
    ['Networks', 'bridge,backend'],
    ['Mounts', 'a-very-long-directo…,data'],
    ['LocalVolumes', '1'],
    ['Size', ''],
  ])('%s is %s', (field, text) => expect(shown(field)).toBe(text));

  it('cut a long command unless told not to', () => {
    const command = ['/docker-entrypoint.sh', 'nginx'];
    expect(shown('Command', { command })).toBe('"/docker-entrypoint.…"');
    expect(shown('Command', { command }, true)).toBe('"/docker-entrypoint.sh nginx"');
    expect(shown('ID', {}, true)).toBe(BOX.id);
  });

  it('show sizes as docker does', () => {
    expect(shown('Size', { size: { written: 12_300_000, total: 120_000_000 } })).toBe('12.3MB (virtual 120MB)');
  });
});

describe('ports', () => {
  const port = (hostPort: number, containerPort: number, more: Partial<PortSpec> = {}): PortSpec => {
    return { hostPort, containerPort, protocol: 'tcp', ...more };
  };

  it.each([
    [[], ''],
    [[port(8080, 80)], '0.0.0.0:8080->80/tcp'],
    [[port(8081, 81), port(8080, 80)], '0.0.0.0:8080-8081->80-81/tcp'],
    [[port(8080, 80), port(9081, 81)], '0.0.0.0:8080->80/tcp, 0.0.0.0:9081->81/tcp'],
    [[port(53, 53, { protocol: 'udp' }), port(53, 53)], '0.0.0.0:53->53/tcp, 0.0.0.0:53->53/udp'],
    [[port(80, 80, { hostIp: '::1' }), port(81, 81)], '0.0.0.0:81->81/tcp, [::1]:80->80/tcp'],
    [[{ containerPort: 80, protocol: 'tcp' }], '80/tcp'],
  ] as [PortSpec[], string][])('%j is %s', (ports, text) => expect(formatPorts(ports)).toBe(text));
});
