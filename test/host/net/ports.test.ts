import { createServer } from 'node:net';
import { afterAll, beforeAll, expect } from 'vitest';
import { createEngine, type LibraryEngine } from '../../../core/index.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { ask, askFromBox, askFromNamespace, askUdp, serve } from './actors.js';
import { makeOutside, type Outside } from './internet.js';

const { describe, it } = skipUnless('root', 'overlay', 'ip', 'nft');

describe('a published port', () => {
  const { root, runroot } = tempRoot();
  let engine: LibraryEngine;
  let outside: Outside;
  beforeAll(async () => {
    engine = await createEngine({ root, runroot, network: 'bridge' });
    outside = await makeOutside(1);
  });
  afterAll(async () => {
    await engine.close();
    await outside.close();
  });

  it('answers outside, on the host, on its loopback and to other containers', async () => {
    await using server = await serve(engine, { publish: ['18080:80'] });
    expect(server.pid).toBeGreaterThan(0);
    expect(await askFromNamespace(outside.namespace, outside.hostAddress, 18080)).toBe(outside.address);
    expect(await ask('127.0.0.1', 18080)).toBe('10.209.0.1');
    expect(await ask(outside.hostAddress, 18080)).toMatch(/^\d/);
    expect(await askFromBox(engine, outside.hostAddress, 18080)).toMatch(/^10\.209\.0\.\d+$/);
  });

  it('answers over UDP when it is a UDP port, and not over TCP', async () => {
    await using server = await serve(engine, { publish: ['18081:80/udp'] });
    expect(server.pid).toBeGreaterThan(0);
    expect(await askUdp('127.0.0.1', 18081)).toBe('10.209.0.1');
    expect(await askUdp(outside.hostAddress, 18081)).toMatch(/^\d/);
    expect(await ask('127.0.0.1', 18081)).toBe('ECONNREFUSED');
  });

  it('of the loopback is closed outside', async () => {
    await using server = await serve(engine, { publish: ['127.0.0.1:18082:80'] });
    expect(server.pid).toBeGreaterThan(0);
    expect(await ask('127.0.0.1', 18082)).toBe('10.209.0.1');
    expect(await ask(outside.hostAddress, 18082)).toBe('ECONNREFUSED');
    expect(await askFromNamespace(outside.namespace, outside.hostAddress, 18082)).toBe('ECONNREFUSED');
  });

  it('is chosen where the user names none, and is free', async () => {
    await using one = await serve(engine, { publish: ['80'], name: 'one' });
    await using two = await serve(engine, { publish: ['80'], name: 'two' });
    const { execFileSync } = await import('node:child_process');
    const listed = execFileSync('nft', ['list', 'map', 'ip', 'tsbox0', 'published_any'], { encoding: 'utf8' });
    const ports = [...listed.matchAll(/tcp \. (\d+) :/g)].map(([, port]) => Number(port));
    expect(one.id).not.toBe(two.id);
    expect(new Set(ports).size).toBe(2);
    for (const port of ports) expect(await ask('127.0.0.1', port)).toBe('10.209.0.1');
  });

  it('that a program on the host has is refused before anything is done', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(18084, '0.0.0.0', resolve));
    try {
      const launch = engine.run({ image: 'host', command: ['true'], publish: ['18084:80'] });
      const fixes = expect.arrayContaining([expect.stringContaining('-p 18085:80/tcp')]);
      await expect(launch).rejects.toMatchObject({ code: 'ERR_TSBOX_PORT_IN_USE', exitStatus: 125, fixes });
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
  });

  it.each(['18085:81', '127.0.0.1:18085:81'])('that a container has is refused as %s', async (port) => {
    await using server = await serve(engine, { publish: ['18085:80'] });
    const launch = engine.run({ image: 'host', command: ['true'], publish: [port] });
    await expect(launch).rejects.toMatchObject({ code: 'ERR_TSBOX_PORT_IN_USE', why: 'a container has published it' });
    expect(server.pid).toBeGreaterThan(0);
  });

  it('is free again when its container has ended', async () => {
    for (let round = 0; round < 2; round++) {
      await using server = await serve(engine, { publish: ['18086:80', '18086:80/udp'] });
      expect(server.pid).toBeGreaterThan(0);
      expect(await ask('127.0.0.1', 18086)).toBe('10.209.0.1');
    }
    expect(await ask('127.0.0.1', 18086)).toBe('ECONNREFUSED');
  });

  it('on an address that this host does not have is refused', async () => {
    const launch = engine.run({ image: 'host', command: ['true'], publish: ['198.51.100.77:18087:80'] });
    await expect(launch).rejects.toMatchObject({
      code: 'ERR_TSBOX_INVALID_SPEC',
      why: 'this host does not have that address',
    });
  });
});
