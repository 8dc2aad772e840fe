import { expect } from 'vitest';
import { downServices } from '../../../core/services/index.js';
import { skipUnless } from '../../support/skip.js';
import { servicesBench } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay');
const bench = servicesBench();
const { environment, up, containers, traces, done } = bench;

const SERVE = "trap 'exit 0' TERM; while :; do echo hello | nc -l -p 80; done & wait";

describe('up', () => {
  it('starts services in order, which find each other by name; down leaves nothing', async () => {
    const shop = environment('shop', {
      worker: { script: 'nc web 80 > /got; sleep 600', dependsOn: { web: 'ready', db: 'ready' } },
      web: { script: SERVE, dependsOn: { db: 'started', migrate: 'completed' }, ready: { port: 80 } },
      db: { script: 'sleep 0.3; echo Ready to accept; sleep 600', ready: { log: 'Ready to' } },
      migrate: { script: 'ping -c1 -W1 db', dependsOn: { db: 'ready' } },
    });
    const { said, services } = await up(shop);
    const position = (line: string) => said.indexOf(line);
    expect(said).toContain('worker created');
    expect(position('db ready')).toBeLessThan(position('migrate created'));
    expect(position('migrate completed')).toBeLessThan(position('web created'));
    expect(position('web ready')).toBeLessThan(position('worker created'));
    expect(services.map(({ containerName }) => containerName).sort()).toEqual([
      'shop-db',
      'shop-migrate',
      'shop-web',
      'shop-worker',
    ]);
    expect(await done(['exec', 'shop-worker', 'sh', '-c', 'until [ -s /got ]; do sleep 0.05; done; cat /got'])).toBe(
      'hello',
    );
    expect(await done(['network', 'ls', '--format', '{{.Name}}', '--filter', 'type=custom'])).toBe('shop');
    await downServices(bench.engine, 'shop', { timeout: 0 });
    expect(traces()).toEqual([]);
  });

  it('leaves alone what runs unchanged, and replaces what has changed, with its anonymous volumes', async () => {
    const services = {
      web: { dependsOn: { db: 'started' as const } },
      db: { settings: { volume: ['/data'] } },
      job: { script: 'true' },
    };
    const first = await up(environment('shop', services));
    await done(['wait', 'shop-job']);
    const id = (name: string) => first.services.find((service) => service.name === name)?.id;
    await done(['exec', 'shop-db', 'touch', '/data/kept']);
    const second = await up(environment('shop', services));
    expect(second.said.sort()).toEqual(['db unchanged', 'job started', 'web unchanged']);
    expect(second.services.find(({ name }) => name === 'web')?.id).toBe(id('web'));
    await done(['wait', 'shop-job']);
    const changed = { ...services, db: { settings: { volume: ['/data'], env: ['A=b'] } } };
    const { said, events } = await up(environment('shop', changed));
    expect(said.sort()).toEqual(['db recreated', 'job started', 'web unchanged']);
    expect(events.find(({ service }) => service === 'db')?.detail).toBe('changed: env');
    await done(['exec', 'shop-db', 'test', '-e', '/data/kept']);
    expect((await up(environment('shop', changed), { forceRecreate: true })).said.sort()).toEqual([
      'db recreated',
      'job recreated',
      'web recreated',
    ]);
  });

  it('names a service that ends or never gets ready, with its last lines, and takes down what it started', async () => {
    const broken = environment('shop', {
      web: { dependsOn: { db: 'ready' } },
      db: { script: 'echo no such table; exit 3', ready: { port: 5 } },
      other: {},
    });
    await expect(up(broken)).rejects.toMatchObject({
      code: 'ERR_TSBOX_SERVICE_FAILED',
      what: 'service "db" failed',
      why: expect.stringMatching(/^it ended with status 3 before it was ready.*\n {4}no such table$/),
    });
    expect(traces()).toEqual([]);
    const deaf = environment('shop', {
      db: { script: 'echo alive; sleep 600', ready: { command: ['test', '-e', '/nothing'], retries: 3 } },
    });
    await expect(up(deaf)).rejects.toMatchObject({
      why: expect.stringMatching(/does not get ready: "test -e \/nothing" ended with status 1[\s\S]*alive$/),
    });
    expect(traces()).toEqual([]);
  });

  it('keeps what was there before when something new fails', async () => {
    await up(environment('shop', { db: {} }));
    const more = environment('shop', { db: {}, web: { script: 'exit 1', ready: { port: 80 } } });
    await expect(up(more)).rejects.toMatchObject({ what: 'service "web" failed' });
    expect(containers()).toEqual(['shop-db running']);
  });

  it('is called off by a signal, and then nothing is left', async () => {
    const slow = environment('shop', { db: { ready: { port: 1 } }, web: { dependsOn: { db: 'ready' } } });
    const over = new AbortController();
    const upping = up(slow, {
      signal: over.signal,
      onStarted: () => {},
      onEvent: ({ what }) => what === 'waiting' && over.abort(),
    });
    await expect(upping).rejects.toMatchObject({ code: 'ERR_TSBOX_ABORTED' });
    expect(traces()).toEqual([]);
  });
});
