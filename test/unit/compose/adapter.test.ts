// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { resolveCompose } from '../../../core/compose/index.js';
import { resolveSpec } from '../../../core/config/resolve-spec.js';
import type { ResolvedEnvironment } from '../../../core/environments/types.js';
import { tempDirectory } from '../../support/temp-root.js';

let directory: string;
beforeEach(() => {
  directory = join(tempDirectory(), 'my-shop');
  mkdirSync(directory);
});

const caller = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
function write(name: string, text: string): string {
  writeFileSync(join(directory, name), text, { mode: 0o644 });
  return join(directory, name);
}
const compose = (text: string, environment = {}) =>
  resolveCompose({ file: write('compose.yaml', text), environment, caller, layers: [] });
function specOf({ services }: ResolvedEnvironment, name: string) {
  const service = services.find((each) => each.name === name);
  if (!service) throw new Error(`no service ${name}`);
  const { image, command, layers } = service;
  return { service, spec: resolveSpec({ image, command, layers }, { privileged: true, cpus: 2, environment: {} }) };
}

describe('a compose file', () => {
  it('is an environment with the settings of its services', async () => {
    write('app.env', 'FROM_FILE="a b"\nMODE=file');
    write('.env', 'TAG=two');
    mkdirSync(join(directory, 'src'));
    const shop = await compose(
      `
name: shop
x-limits: &limits { mem_limit: 64m, cpus: 0.5 }
services:
  web:
    <<: *limits
    image: my/web
    entrypoint: [python3, -u]
    command: -m http.server "80"
    environment: { MODE: "\${MODE:-dev}", TAG: , NUMBER: 3 }
    env_file: [app.env, { path: missing.env, required: false }]
    ports: ["8080:80", { target: 53, published: "5300", protocol: udp, host_ip: 127.0.0.1 }]
    volumes: ["./src:/src:ro", "data:/data", "/anon", { type: tmpfs, target: /cache, tmpfs: { size: 1m } }]
    depends_on: { db: { condition: service_healthy }, job: { condition: service_completed_successfully } }
    networks: { front: , back: { aliases: [api], ipv4_address: 198.51.100.9 } }
    healthcheck: { test: "curl -f localhost", interval: 1m30s, timeout: 2s, retries: 5, start_period: 3s }
    restart: on-failure:3
    deploy: { resources: { limits: { pids: 50 }, reservations: { memory: 32m } } }
    cap_drop: [ALL]
    cap_add: [NET_BIND_SERVICE]
    security_opt: ["no-new-privileges:true"]
    user: "1000:1000"
    working_dir: /srv
    hostname: web1
    labels: { tier: front }
    read_only: true
    tmpfs: /run
    shm_size: 8m
    ulimits: { nofile: { soft: 100, hard: 200 }, nproc: 64 }
    stop_signal: SIGINT
    stop_grace_period: 1m
    init: true
    extra_hosts: ["cache:198.51.100.3"]
    dns: 198.51.100.53
    profiles: [full]
  db: { image: host, command: [redis-server], healthcheck: { test: [CMD, redis-cli, ping] } }
  job: { image: host, command: "true", network_mode: none, depends_on: [db] }
networks: { front: , back: { internal: true, ipam: { config: [{ subnet: 198.51.100.0/24 }] } } }
volumes: { data: }
`,
    );
    expect(shop.unsupported).toEqual([]);
    expect({ ...shop, services: [] }).toMatchObject({ name: 'shop', directory, file: join(directory, 'compose.yaml') });
    const { spec, service } = specOf(shop, 'web');
    expect(spec).toMatchObject({
      image: 'my/web',
      entrypoint: ['python3'],
      command: ['-u', '-m', 'http.server', '80'],
      user: '1000:1000',
      workdir: '/srv',
      hostname: 'web1',
      labels: { tier: 'front' },
      readOnly: true,
      init: true,
      shmSize: 8 * 1024 ** 2,
      stopSignal: 2,
      stopTimeout: 60_000,
      restart: { policy: 'on-failure', maximum: 3 },
      resources: { memory: 64 * 1024 ** 2, cpus: 0.5, pidsLimit: 50, memoryReservation: 32 * 1024 ** 2 },
      security: { capAdd: ['NET_BIND_SERVICE'], capDrop: ['ALL'], noNewPrivileges: true },
      rlimits: [
        { name: 'nofile', soft: 100, hard: 200 },
        { name: 'nproc', soft: 64, hard: 64 },
      ],
    });
    expect(spec.env).toEqual(['FROM_FILE=a b', 'MODE=file', 'MODE=dev', 'TAG=two', 'NUMBER=3']);
    expect(spec.network).toMatchObject({
      ports: [
        { hostPort: 8080, containerPort: 80, protocol: 'tcp' },
        { hostIp: '127.0.0.1', hostPort: 5300, containerPort: 53, protocol: 'udp' },
      ],
      addHosts: [{ host: 'cache', ip: '198.51.100.3' }],
      dns: ['198.51.100.53'],
    });
    expect(spec.mounts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'bind', source: join(directory, 'src'), target: '/src', readOnly: true }),
        expect.objectContaining({ type: 'volume', name: 'shop_data', target: '/data' }),
        expect.objectContaining({ type: 'volume', target: '/anon' }),
        expect.objectContaining({ type: 'tmpfs', target: '/cache', size: 1024 ** 2 }),
        expect.objectContaining({ type: 'tmpfs', target: '/run' }),
      ]),
    );
    expect([...service.dependsOn]).toEqual([
      ['db', 'ready'],
      ['job', 'completed'],
    ]);
    expect(service.ready).toEqual({
      command: ['/bin/sh', '-c', 'curl -f localhost'],
      intervalMs: 90_000,
      timeoutMs: 2_000,
      retries: 5,
      startPeriodMs: 3_000,
    });
    expect(service.networks).toEqual([
      { network: 'shop_front', aliases: ['web'] },
      { network: 'shop_back', aliases: ['web', 'api'], ip: '198.51.100.9' },
    ]);
    expect(shop.networks?.find(({ name }) => name === 'shop_back')).toMatchObject({
      internal: true,
      subnet: '198.51.100.0/24',
    });
    expect(service.profiles).toEqual(['full']);
    expect(specOf(shop, 'job').spec.drivers.network).toBe('none');
    expect(service.origins['env.MODE']).toMatchObject({ line: 10 });
  });

  it('lists by name and line what it asks for that there is not', async () => {
    const shop = await compose(`services:
  web:
    image: host
    build: .
    sysctls: { net.core.somaxconn: 1024 }
    security_opt: ["seccomp:unconfined"]
    deploy: { replicas: 3 }
    volumes: [{ type: bind, source: ., target: /src, bind: { selinux: z } }]
    comand: x
    x-own: anything
include: [other.yaml]
volumes: { data: { driver: nfs } }
`);
    const file = join(directory, 'compose.yaml');
    expect(shop.unsupported.map(({ key, origin }) => `${key} ${origin.text}`).sort()).toEqual(
      [
        `services.web.build ${file}:4`,
        `services.web.sysctls ${file}:5`,
        `services.web.security_opt.0 ${file}:6`,
        `services.web.deploy.replicas ${file}:7`,
        `services.web.volumes.0.bind.selinux ${file}:8`,
        `services.web.comand ${file}:9`,
        `include ${file}:11`,
        `volumes.data.driver ${file}:12`,
      ].sort(),
    );
    expect(shop.unsupported.find(({ key }) => key.endsWith('comand'))?.why).toContain('did you mean command?');
  });

  it('extends services of its own and of other files, whose paths start there', async () => {
    mkdirSync(join(directory, 'base'));
    writeFileSync(join(directory, 'base/app.env'), 'BASE=yes', { mode: 0o644 });
    writeFileSync(
      join(directory, 'base/common.yaml'),
      'services: { app: { image: host, env_file: app.env, environment: [A=1, B=1], ports: ["1:1"], command: [one] } }',
      { mode: 0o644 },
    );
    const shop = await compose(`services:
  web: { extends: { service: app, file: base/common.yaml }, environment: { B: 2 }, ports: ["2:2"], command: [two] }
  more: { extends: web, hostname: more }
`);
    for (const name of ['web', 'more']) {
      const { spec } = specOf(shop, name);
      expect(spec.env).toEqual(['BASE=yes', 'A=1', 'B=2']);
      expect(spec.network.ports.map(({ hostPort }) => hostPort)).toEqual([1, 2]);
      expect(spec.command).toEqual(['two']);
    }
    await expect(compose('services: { a: { extends: b }, b: { extends: a } }')).rejects.toThrow('in a circle');
  });

  it('has secrets from files', async () => {
    write('token.txt', 'secret');
    const shop = await compose(`services:
  web: { image: host, secrets: [token, { source: token, target: other, mode: 0o440 }] }
secrets: { token: { file: ./token.txt } }
`);
    const [first, second] = specOf(shop, 'web').service.secrets;
    expect(first).toMatchObject({
      name: 'token',
      file: join(directory, 'token.txt'),
      target: '/run/secrets/token',
      mode: 0o444,
    });
    expect(second).toMatchObject({ target: '/run/secrets/other', mode: 0o440 });
  });

  it('is named after its directory, the variable, or what is asked for', async () => {
    const text = 'services: { web: { image: host } }';
    expect((await compose(text)).name).toBe('my-shop');
    expect((await compose(text, { COMPOSE_PROJECT_NAME: 'Other.One' })).name).toBe('otherone');
  });

  it.each([
    ['services: { web: { image: host, depends_on: { db: { condition: up } } } }', 'service_healthy'],
    ['services: { web: { image: host, volumes: ["data:/x"] } }', 'there is no volume "data"'],
    ['services: { web: { image: host, networks: [front] } }', 'there is no network "front"'],
    ['services: { web: { image: host, environment: { A: "${A:?give it}" } } }', 'the variable A must be set: give it'],
    ['services: { web: { hostname: x } }', 'it has no image'],
    ['services: { web: { image: host, env_file: nosuch } }', 'there is no such file'],
    ['services: {', 'cannot read'],
    ['x-only: 1', 'it has no services'],
  ])('is refused with file and line: %s', async (text, why) => {
    await expect(compose(text)).rejects.toMatchObject({
      code: 'ERR_TSBOX_CONFIG',
      message: expect.stringContaining(why),
    });
    await expect(compose(text)).rejects.toThrow(join(directory, 'compose.yaml'));
  });
});
