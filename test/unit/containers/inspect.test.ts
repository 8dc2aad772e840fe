import { describe, expect, it } from 'vitest';
import { withMaps } from '../../../cli/template-maps.js';
import { resolveSpec } from '../../../core/config/resolve-spec.js';
import type { RunSettings } from '../../../core/config/run-options.js';
import { hostConfigOf } from '../../../core/containers/inspect/host-config.js';
import { networkSettingsOf } from '../../../core/containers/inspect/network-settings.js';
import { ownPartOf } from '../../../core/containers/inspect/own-part.js';
import { currentState } from '../../../core/state/containers.js';
import { identify } from '../../../core/state/process-identity.js';
import type { ContainerDetails, ContainerRecord } from '../../../core/state/record.js';
import { compileTemplate } from '../../../core/template/index.js';

function details(values: RunSettings, more: Partial<ContainerDetails> = {}): ContainerDetails {
  const layers = [{ kind: 'flag' as const, directory: '/', values }];
  const spec = resolveSpec({ image: 'tiny', command: ['sh'], layers }, { privileged: true, cpus: 2, environment: {} });
  const driver = (name: string) => ({ name, plugin: name });
  return {
    version: 1,
    spec,
    drivers: {
      storage: driver('overlay'),
      network: driver('net-bridge'),
      resources: driver('cgroup-v1'),
      userns: driver('host'),
    },
    image: {
      reference: 'tiny',
      layers: ['/l'],
      config: { entrypoint: [], cmd: [], env: [], workdir: '/', user: '' },
      host: false,
    },
    hostname: 'h',
    facts: {},
    warnings: [],
    kept: [],
    ...more,
  };
}

const RECORD: ContainerRecord = {
  version: 1,
  id: 'ab'.repeat(32),
  name: 'web',
  image: 'tiny',
  command: ['sh'],
  created: '2026-11-22T03:00:00.000Z',
  started: '2026-11-22T03:00:01.000Z',
  status: 'running',
  process: identify(process.pid),
  labels: {},
  networks: ['backend', 'none'],
  ports: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
  mounts: [],
};
const ENDPOINT = { network: 'backend', link: 'eth0', address: '198.51.100.2', prefix: 24, mac: '02:42:c6:33:64:02' };

describe('HostConfig', () => {
  it('is docker’s', () => {
    const config = hostConfigOf(
      RECORD,
      details({
        memory: '64m',
        cpus: '0.5',
        publish: ['127.0.0.1:80:80'],
        restart: 'on-failure:3',
        tmpfs: ['/t:size=1m'],
      }),
    );
    expect(config).toMatchObject({
      Memory: 64 * 2 ** 20,
      NanoCpus: 500_000_000,
      PidsLimit: null,
      PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '80' }] },
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
      Tmpfs: { '/t': expect.stringContaining('size=1048576') },
    });
  });
});

describe('NetworkSettings', () => {
  const own = details({}, { facts: { 'net-bridge': { networks: [ENDPOINT] } } });

  it('has what the network driver shows while it runs', () => {
    const settings = networkSettingsOf(currentState(RECORD, '/nowhere'), own);
    expect(settings).toMatchObject({
      IPAddress: '198.51.100.2',
      Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] },
      Networks: { backend: { IPAddress: '198.51.100.2' }, none: { IPAddress: '' } },
    });
    const first = compileTemplate(
      '{{(index (index .Ports "80/tcp") 0).HostPort}} {{range $k, $v := .Networks}}{{$k}};{{end}}',
    );
    expect(first.execute(withMaps(settings))).toBe('8080 backend;none;');
  });

  it('has names only afterwards', () => {
    const ended = currentState({ ...RECORD, status: 'exited', exitCode: 0 }, '/nowhere');
    expect(networkSettingsOf(ended, own)).toMatchObject({
      IPAddress: '',
      Ports: {},
      Networks: { backend: { IPAddress: '' } },
    });
  });
});

describe('our own part', () => {
  const degraded = [{ request: '--blkio-weight', reason: 'no disk heeds it' }];
  const asked = details({ memory: '64m', blkioWeight: '100', readOnly: true }, { degraded });

  it('says of each request what became of it', () => {
    expect(ownPartOf(currentState(RECORD, '/nowhere'), asked).Requests).toEqual([
      { request: '--memory', outcome: 'enforced' },
      { request: '--blkio-weight', outcome: 'degraded', reason: 'no disk heeds it' },
      { request: '--read-only', outcome: 'enforced' },
    ]);
    const { started: _, ...never } = RECORD;
    const created = currentState({ ...never, status: 'created' }, '/nowhere');
    expect(ownPartOf(created, asked).Requests[0]).toEqual({ request: '--memory', outcome: 'pending' });
  });

  it('says where each setting came from', () => {
    const { Origins, Spec } = ownPartOf(currentState(RECORD, '/nowhere'), asked);
    expect(Origins).toMatchObject({ memory: '--memory', cpus: 'default' });
    expect(Spec).not.toHaveProperty('origins');
  });
});
