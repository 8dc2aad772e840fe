import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createEngine, loadCompose, loadEnvironment } from '../../../core/index.js';
import { skipUnless } from '../../support/skip.js';
import { SLEEP, servicesBench } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay');
const bench = servicesBench();
const { root, runroot, containers, traces } = bench;

describe('engine.up', () => {
  it('gives the services of an environment, says when they are ready, and takes them down', async () => {
    await using engine = await createEngine({ root, runroot });
    const script = `sleep 0.2; touch /up; ${SLEEP}`;
    const settings = { stopTimeout: 1 };
    const wanted = bench.environment('shop', {
      db: { script, settings, ready: { command: ['test', '-e', '/up'] } },
      web: { settings, dependsOn: { db: 'started' } },
    });
    {
      await using shop = await engine.up(wanted);
      expect(containers()).toEqual(['shop-db running', 'shop-web running']);
      await shop.ready;
      const db = shop.services.get('db');
      await using command = await db?.exec({ command: ['cat', '/up'] });
      expect((await command?.result())?.exitCode).toBe(0);
    }
    expect(traces()).toEqual([]);
  });

  it('rejects when a service fails, before it was started or after', async () => {
    await using engine = await createEngine({ root, runroot });
    const unready = { script: 'exit 2', ready: { port: 80 } };
    await expect(
      engine.up(bench.environment('shop', { db: unready, web: { dependsOn: { db: 'ready' } } })),
    ).rejects.toThrow('service "db" failed');
    const shop = await engine.up(bench.environment('shop', { db: { ...unready, script: 'sleep 0.3; exit 2' } }));
    await expect(shop.ready).rejects.toThrow('it ended with status 2 before it was ready');
    await shop.down();
    expect(traces()).toEqual([]);
  });

  it('takes environments from config and compose files', async () => {
    const directory = join(bench.directory, 'files');
    mkdirSync(directory);
    const service = `{ image: ${bench.image}, command: [sleep, '600'] }`;
    writeFileSync(join(directory, '.tsboxrc.yaml'), `environments: { shop: { services: { web: ${service} } } }`, {
      mode: 0o644,
    });
    writeFileSync(join(directory, 'compose.yaml'), `services: { db: ${service} }`, { mode: 0o644 });
    await using engine = await createEngine({ root, runroot });
    const shop = await engine.up(await loadEnvironment('shop', { directory }));
    expect([...shop.services.keys()]).toEqual(['web']);
    await shop.down({ timeout: 0 });
    const solo = await engine.up(await loadCompose(join(directory, 'compose.yaml'), { name: 'solo' }));
    expect(containers()).toEqual(['solo-db running']);
    await solo.down({ timeout: 0 });
  });
});
