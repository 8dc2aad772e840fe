import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { listContainers } from '../../../core/state/containers.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { eventually } from '../lifecycle/bench.js';

const { describe, it } = skipUnless('root', 'overlay', 'nginx', 'redis');
const state = tempRoot();

/** Counts in redis, and shows it to who asks the web server. */
const WORKER =
  'while :; do n=$(redis-cli -h db incr ticks) && echo tick $n && echo $n > /srv/pages/ticks; sleep 0.1; done';
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((each) => `${each}_temp_path /tmp/${each};`);
const NGINX = `daemon off; error_log stderr; pid /tmp/nginx.pid; events {}
http { access_log off; ${TEMPORARY.join(' ')} server { listen 80; root /srv/pages; } }`;
// Debian has the server under the name of a tool of it, which asks under what name it was started.
const REDIS = 'exec -a redis-server redis-check-rdb --save "" --dir /tmp';

const CONFIG = `
environments:
  shop:
    description: a web server, a redis and a worker
    image: host
    dns: [127.0.0.1]
    stopTimeout: 5
    services:
      worker:
        command: [sh, -c, '${WORKER}']
        volume: ['pages:/srv/pages']
        dependsOn: { db: ready, web: ready }
        restart: always
      web:
        command: nginx -c /srv/nginx.conf
        volume: ['pages:/srv/pages', './nginx.conf:/srv/nginx.conf:ro']
        ready: { port: 80, interval: 100ms, retries: 200 }
      db:
        command: [bash, -c, '${REDIS} --protected-mode no']
        ready: { command: [redis-cli, ping], interval: 100ms, retries: 200 }
`;
const COMPOSE = `
name: shop
x-base: &base { image: host, dns: 127.0.0.1, stop_grace_period: 5s }
services:
  worker:
    <<: *base
    command: [sh, -c, '${WORKER.replaceAll('$', '$$$$')}']
    volumes: ['pages:/srv/pages']
    depends_on: { db: { condition: service_healthy }, web: { condition: service_healthy } }
    restart: always
  web:
    <<: *base
    command: nginx -c /srv/nginx.conf
    volumes: ['pages:/srv/pages', './nginx.conf:/srv/nginx.conf:ro']
    healthcheck: { test: [CMD, bash, -c, 'exec 3<>/dev/tcp/127.0.0.1/80'], interval: 100ms, retries: 200 }
  db:
    <<: *base
    command: [bash, -c, '${REDIS} --protected-mode no']
    healthcheck: { test: [CMD, redis-cli, ping], interval: 100ms, retries: 200 }
volumes: { pages: }
`.replace("[CMD-SHELL, 'exec 3<>/dev/tcp/127.0.0.1/80']", "[CMD, bash, -c, 'exec 3<>/dev/tcp/127.0.0.1/80']");

describe('a web server, a redis and a worker', () => {
  const files = { 'tsbox config': ['.tsboxrc.yaml', CONFIG], 'compose file': ['compose.yaml', COMPOSE] } as const;
  for (const [kind, [name, text]] of Object.entries(files)) {
    it(`of a ${kind} come up in order, survive a crash of the worker, and go without a trace`, async () => {
      const cwd = join(state.directory, kind.replace(' ', '-'));
      mkdirSync(cwd);
      writeFileSync(join(cwd, name), text, { mode: 0o644 });
      writeFileSync(join(cwd, 'nginx.conf'), NGINX);
      await life(cwd);
    });
  }
});

beforeAll(() => execFileSync('nginx', ['-v'], { stdio: 'ignore' }));

async function life(cwd: string): Promise<void> {
  const tsbox = (...args: string[]) => runCli([...state.flags, ...args], { cwd });
  const done = async (...args: string[]) => {
    const { status, stdout, stderr } = await tsbox(...args);
    if (status !== 0) throw new Error(`tsbox ${args.join(' ')}: ${status}\n${stdout}${stderr}`);
    return stdout.trim();
  };
  const page = (from: string) =>
    done(
      'exec',
      from,
      'bash',
      '-c',
      'exec 3<>/dev/tcp/web/80; printf "GET /ticks HTTP/1.0\\r\\n\\r\\n" >&3; tail -1 <&3',
    );
  const ticks = async () => Number(await page('shop-db').catch(() => '0')) || 0;

  const { status, stderr } = await tsbox('up', '-d', 'shop');
  if (status !== 0) throw new Error(stderr);
  const lines = stderr.split('\n').map((line) => line.replace(/ +/g, ' '));
  for (const service of ['db', 'web'])
    expect(lines.indexOf(`${service} ready`)).toBeLessThan(
      lines.findIndex((line) => line.startsWith('worker created')),
    );
  await eventually(async () => (await ticks()) > 3);

  // The worker's first process is killed from outside, as a crash is; no tsbox runs.
  const before = listContainers(state.root, () => {}).find(({ record }) => record.name === 'shop-worker');
  process.kill(before?.pid as number, 'SIGKILL');
  await eventually(() => {
    const now = listContainers(state.root, () => {}).find(({ record }) => record.name === 'shop-worker');
    return now?.state === 'running' && now.pid !== before?.pid;
  });
  const seen = await ticks();
  await eventually(async () => (await ticks()) > seen);
  expect((await tsbox('up', '-d', 'shop')).stderr.match(/unchanged/g)).toHaveLength(3);

  await done('down', '-v', 'shop');
  expect(await done('ps', '-aq')).toBe('');
  expect(await done('volume', 'ls', '-q')).toBe('');
  expect(await done('network', 'ls', '-q', '--filter', 'type=custom')).toBe('');
}
