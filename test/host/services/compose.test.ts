import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { finished, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { eventually } from '../lifecycle/bench.js';
import { servicesBench } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay');
const bench = servicesBench();
const { done, tsbox, containers, traces } = bench;

const project = join(bench.directory, 'project');
const write = (text: string, name = 'compose.yaml') => writeFileSync(join(project, name), text, { mode: 0o644 });
const here = { cwd: project };

const SHOP = `
name: shop
x-base: &base { image: ${bench.image}, dns: 127.0.0.1, stop_grace_period: 1s }
services:
  web:
    <<: *base
    command: [sh, -c, "echo web up; echo warm >&2; trap 'exit 0' TERM; sleep 600 & wait"]
    depends_on: { db: { condition: service_healthy } }
    volumes: ["data:/data"]
  db:
    <<: *base
    command: [sh, -c, "echo db up; trap 'exit 0' TERM; while :; do nc -l -p 5432 </dev/null; done & wait"]
    healthcheck: { test: "nc 127.0.0.1 5432 </dev/null", interval: 100ms, retries: 100 }
    secrets: [token]
  debug: { <<: *base, command: [sleep, "600"], profiles: [full] }
volumes: { data: }
secrets: { token: { file: token.txt } }
`;

describe('up and down of a compose file', () => {
  beforeAll(() => {
    mkdirSync(project);
    write('hidden', 'token.txt');
    chmodSync(join(project, 'token.txt'), 0o600);
  });

  it('start in order, twice the same, and go without a trace; named volumes stay unless -v', async () => {
    write(SHOP);
    const { status, stderr, stdout } = await tsbox(['up', '-d'], here);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(/^db {2} {2}created\ndb.*waiting: until it is ready\ndb.*ready\nweb {3}created\n$/);
    expect(containers()).toEqual(['shop-db running', 'shop-web running']);
    expect(await done(['exec', 'shop-db', 'cat', '/run/secrets/token'])).toBe('hidden');
    expect(await done(['exec', 'shop-web', 'sh', '-c', 'ping -c1 -W1 db >/dev/null && echo yes'])).toBe('yes');
    expect((await tsbox(['up', '-d'], here)).stderr).toMatch(/^(web|db) +unchanged\n(web|db) +unchanged\n$/);
    write(SHOP.replace('sleep 600', 'sleep 601'));
    expect((await tsbox(['up', '-d', '--profile=full'], here)).stderr).toMatch(/web +recreated: changed: command\n/);
    expect(containers()).toEqual(['shop-db running', 'shop-debug running', 'shop-web running']);
    // By what is there, not by the file: that may say anything by now.
    write('services: {');
    expect((await tsbox(['down'], here)).status).toBe(0);
    expect(containers()).toEqual([]);
    expect(traces()).toEqual(['shop_data']);
    expect(await done(['down', '-v', 'shop'], here)).toBe('');
    expect(traces()).toEqual([]);
    expect((await tsbox(['down', 'shop'], here)).stderr).toContain('nothing of environment "shop" is there');
  });

  it('follows all logs behind aligned names, and ends in reverse order on a signal', async () => {
    write(SHOP);
    const cli = startCli([...bench.flags, 'up'], here);
    const ended = finished(cli);
    let printed = '';
    cli.stdout?.on('data', (text) => {
      printed += text;
    });
    await eventually(() => printed.includes('web | web up\n') && printed.includes('db  | db up\n'));
    cli.kill('SIGINT');
    const { status, stderr } = await ended;
    expect(status).toBe(130);
    expect(stderr).toContain('web | warm\n');
    expect(stderr).toMatch(/stopping; once more kills\nweb +stopped\ndb +stopped\n$/);
    expect(containers()).toEqual(['shop-db exited', 'shop-web exited']);
    expect((await tsbox(['up', '-d'], here)).stderr).toMatch(/db +started\n/);
    await done(['down', '-v'], here);
  });

  it('kills on the second signal', async () => {
    write(
      `services: { stubborn: { image: ${bench.image}, command: [sh, -c, "trap '' TERM; echo up; while :; do sleep 1; done"] } }`,
    );
    const cli = startCli([...bench.flags, 'up', '-p', 'shop'], here);
    const ended = finished(cli);
    await new Promise((resolve) => cli.stdout?.once('data', resolve));
    cli.kill('SIGINT');
    await new Promise((resolve) =>
      cli.stderr?.on('data', (text) => String(text).includes('stopping') && resolve(undefined)),
    );
    const start = performance.now();
    cli.kill('SIGINT');
    expect((await ended).status).toBe(130);
    expect(performance.now() - start).toBeLessThan(8_000);
    expect(containers()).toEqual(['shop-stubborn exited']);
  });

  it('ends by itself when all services have, with the status of the one that failed', async () => {
    const end = (script: string) => `{ image: ${bench.image}, command: [sh, -c, "${script}"] }`;
    write(`services:\n  good: ${end('echo done')}\n  bad: ${end('sleep 0.5; echo no; exit 7')}\n`);
    const { status, stdout, stderr } = await tsbox(['up', '-p', 'shop'], { ...here, env: { FORCE_COLOR: '1' } });
    expect(status).toBe(7);
    expect(stdout).toContain('\u001b[33mbad  |\u001b[0m no\n');
    expect(stderr).toContain('ended with status 7');
  });

  it('lists what is not supported, and goes on without it only when asked', async () => {
    write(
      `services: { web: { image: ${bench.image}, command: [sleep, "600"], stop_grace_period: 0s, build: ., scale: 2 } }`,
    );
    const { status, stderr } = await tsbox(['up', '-d', '-p', 'shop'], here);
    expect(status).toBe(1);
    expect(stderr).toContain(`${join(project, 'compose.yaml')}:1: services.web.build: images are not built`);
    expect(stderr).toContain('services.web.scale');
    expect(containers()).toEqual([]);
    const again = await tsbox(['up', '-d', '-p', 'shop', '--ignore-unsupported'], here);
    expect(again.status).toBe(0);
    expect(again.stderr).toContain('services.web.build is ignored');
    expect(containers()).toEqual(['shop-web running']);
  });

  it('tells of services that are no more, and removes them when asked', async () => {
    const service = (name: string) =>
      `  ${name}: { image: ${bench.image}, command: [sleep, "600"], stop_grace_period: 0s }\n`;
    write(`services:\n${service('old')}${service('web')}`);
    await done(['up', '-d', '-p', 'shop'], here);
    write(`services:\n${service('web')}`);
    expect((await tsbox(['up', '-d', '-p', 'shop'], here)).stderr).toMatch(/old +left over/);
    expect((await tsbox(['up', '-d', '-p', 'shop', '--remove-orphans'], here)).stderr).toMatch(/old +removed/);
    expect(containers()).toEqual(['shop-web running']);
  });
});
