import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { finished, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { until } from '../../support/until.js';
import { eventually } from '../lifecycle/bench.js';
import { servicesBench } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay');
const bench = servicesBench();
const { done, tsbox, containers, traces } = bench;

const project = join(bench.directory, 'project');
const COMPOSE = `
name: shop
x-base: &base { image: ${bench.image}, dns: 127.0.0.1, stop_grace_period: 0s }
services:
  web: { <<: *base, command: [sleep, "600"], depends_on: { job: { condition: service_completed_successfully } } }
  job: { <<: *base, command: [sleep, "0.2"], depends_on: { db: { condition: service_healthy } } }
  db:
    <<: *base
    command: [sh, -c, "sleep 0.2; touch /up; sleep 600"]
    volumes: ["data:/data"]
    healthcheck: { test: test -e /up, interval: 50ms, retries: 200 }
volumes: { data: }
`;

describe('an up that is killed', () => {
  type Moment = (stderr: () => string) => boolean;
  const said =
    (text: RegExp): Moment =>
    (stderr) =>
      text.test(stderr());
  const MOMENTS: Readonly<Record<string, Moment>> = {
    'has the lock': () => existsSync(join(bench.runroot, 'environments/shop')),
    'has made the network': () => existsSync(join(bench.root, 'networks/shop.json')),
    'makes the first container': () => existsSync(join(bench.root, 'names/shop-db')),
    'waits for a service': said(/db +waiting/),
    'has one that is ready': said(/db +ready/),
    'waits for a job': said(/job +waiting/),
    'makes the last container': said(/job +completed/),
  };

  it('at any moment leaves what down takes away, and another up puts right', { timeout: 240_000 }, async () => {
    mkdirSync(project);
    writeFileSync(join(project, 'compose.yaml'), COMPOSE, { mode: 0o644 });
    const here = { cwd: project };
    const left: string[] = [];
    for (const [index, [name, moment]] of Object.entries(MOMENTS).entries()) {
      const cli = startCli([...bench.flags, 'up', '-d'], here);
      let stderr = '';
      cli.stderr?.on('data', (text) => {
        stderr += text;
      });
      const ended = finished(cli);
      await until(() => moment(() => stderr));
      cli.kill('SIGKILL');
      expect((await ended).status).toBe(137);
      left.push(`${name}: ${containers().join(', ') || 'no container'}`);
      if (index % 2 === 1) {
        expect(await tsbox(['up', '-d'], here)).toMatchObject({ status: 0 });
        expect(containers()).toEqual(expect.arrayContaining(['shop-db running', 'shop-web running']));
      }
      expect(await tsbox(['down', '-v', 'shop'], here)).toMatchObject({ status: 0 });
      await eventually(() => traces().length === 0);
    }
    console.log(`killed when it\n  ${left.join('\n  ')}`);
  });

  it('in the foreground leaves services that go on', async () => {
    const cli = startCli([...bench.flags, 'up'], { cwd: project });
    const ended = finished(cli);
    await eventually(() => containers().includes('shop-web running'));
    cli.kill('SIGKILL');
    await ended;
    expect(containers()).toEqual(expect.arrayContaining(['shop-db running', 'shop-web running']));
    const again = await tsbox(['up', '-d'], { cwd: project });
    expect(again.stderr).toMatch(/web +unchanged/);
    await done(['down', '-v', 'shop']);
  });

  it('is helped when half of it is gone', async () => {
    await done(['up', '-d'], { cwd: project });
    await done(['rm', '-f', 'shop-web']);
    expect((await tsbox(['up', '-d'], { cwd: project })).stderr).toMatch(/web +created/);
    await done(['rm', '-f', 'shop-db', 'shop-job']);
    expect(await tsbox(['down', '-v', 'shop'])).toMatchObject({ status: 0 });
    expect(traces()).toEqual([]);
  });
});
