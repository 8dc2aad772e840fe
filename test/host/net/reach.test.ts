import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { createEngine, type LibraryEngine } from '../../../core/index.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { addressOf, ask, askFromBox, askFromNamespace, NODE, serve } from './actors.js';
import { administrate, makeOutside, type Outside } from './internet.js';

const { describe, it } = skipUnless('root', 'overlay', 'ip', 'nft');

const nft = (input: string) => execFileSync('nft', ['-f', '-'], { input });

describe('a container on the bridge', () => {
  const { root, runroot } = tempRoot();
  let engine: LibraryEngine;
  let outside: Outside;
  const warnings: string[] = [];
  beforeAll(async () => {
    engine = await createEngine({ root, runroot, network: 'bridge', onWarning: (message) => warnings.push(message) });
    outside = await makeOutside(1);
  });
  afterAll(async () => {
    await engine.close();
    await outside.close();
  });

  it('reaches another container by its address', async () => {
    await using server = await serve(engine, { ip: '10.209.0.40' });
    expect(server.pid).toBeGreaterThan(0);
    expect(await askFromBox(engine, '10.209.0.40', 80)).toMatch(/^10\.209\.0\.\d+$/);
  });

  it('reaches the host, and the host reaches it', async () => {
    await using server = await serve(engine, { ip: '10.209.0.41' });
    expect(server.pid).toBeGreaterThan(0);
    expect(await ask('10.209.0.41', 80)).toBe('10.209.0.1');
    const own = createServer((asked, answer) => answer.end(asked.socket.remoteAddress));
    await new Promise<void>((resolve) => own.listen(0, '0.0.0.0', resolve));
    const { port } = own.address() as { port: number };
    expect(await askFromBox(engine, '10.209.0.1', port)).toMatch(/^10\.209\.0\.\d+$/);
    own.closeAllConnections();
    await new Promise((resolve) => own.close(resolve));
  });

  it('reaches a server beyond the host, whose log shows the address of the host', async () => {
    const { log } = await outside.serve(8001);
    expect(await askFromBox(engine, outside.address, 8001)).toBe(outside.hostAddress);
    expect(log()).toContain(`tcp ${outside.hostAddress}`);
  });

  it('sends its first packet before anything is lost', async () => {
    await outside.serve(8002);
    const code = `const start = Date.now(); require('net').connect(8002, '${outside.address}', function () { console.log(Date.now() - start); this.destroy(); })`;
    const box = await engine.run({ image: 'host', command: [NODE, '-e', code] });
    // A lost SYN or ARP request is sent again after a second.
    expect(Number((await box.result()).stdout)).toBeLessThan(900);
  });

  it('cannot be reached from outside by its own address', async () => {
    await using server = await serve(engine, { ip: '10.209.0.42' });
    expect(server.pid).toBeGreaterThan(0);
    administrate('-n', outside.namespace, 'route', 'add', '10.209.0.0/16', 'via', outside.hostAddress);
    expect(await askFromNamespace(outside.namespace, '10.209.0.42', 80)).toBe('timeout');
    administrate('-n', outside.namespace, 'route', 'delete', '10.209.0.0/16');
  });

  it('does not make a router of the host', async () => {
    const other = await makeOutside(2);
    try {
      await using server = await serve(engine);
      expect(server.pid).toBeGreaterThan(0);
      await other.serve(8003);
      administrate('-n', outside.namespace, 'route', 'add', `${other.address}/32`, 'via', outside.hostAddress);
      administrate('-n', other.namespace, 'route', 'add', `${outside.address}/32`, 'via', other.hostAddress);
      expect(await askFromNamespace(outside.namespace, other.address, 8003)).toBe('timeout');
    } finally {
      administrate('-n', outside.namespace, 'route', 'delete', `${other.address}/32`);
      await other.close();
    }
  });

  it('cannot send to the loopback of the host, not even past its own routing', async () => {
    const received: string[] = [];
    const own = createSocket('udp4').on('message', (message) => received.push(String(message)));
    await new Promise<void>((resolve) => own.bind(0, '127.0.0.1', resolve));
    // Packets for 127.0.0.1 that leave through eth0, as a container with NET_ADMIN can make them.
    const routes = 'ip rule add pref 10 lookup local && ip rule del pref 0 && ip rule add pref 5 to 127.0.0.1 lookup 7';
    const code = `
      require('child_process').execSync('${routes} && ip route add 127.0.0.1 via 10.209.0.1 table 7');
      const socket = require('dgram').createSocket('udp4');
      socket.send('to the loopback', ${own.address().port}, '127.0.0.1', (error) => {
        console.log(error ?? 'sent');
        socket.send('to the bridge', ${own.address().port}, '10.209.0.1', () => socket.close());
      });`;
    const box = await engine.run({ image: 'host', command: [NODE, '-e', code], capAdd: ['NET_ADMIN'] });
    expect(await box.result()).toMatchObject({ stdout: 'sent\n', stderr: '' });
    await sleep(200);
    expect(received).toEqual([]);
    own.close();
  });

  it('has a MAC that says its address, or the one that was asked for', async () => {
    const mac = async (options: object) => {
      const box = await engine.run({
        image: 'host',
        command: [NODE, '-p', "require('os').networkInterfaces().eth0[0].mac"],
        ...options,
      });
      return (await box.result()).stdout.trim();
    };
    expect(await mac({ ip: '10.209.0.43' })).toBe('02:74:0a:d1:00:2b');
    expect(await mac({ macAddress: '02:00:00:00:00:07' })).toBe('02:00:00:00:00:07');
  });

  it('has no IPv6 address but the loopback', async () => {
    const code =
      "Object.values(require('os').networkInterfaces()).flat().filter(a => a.family === 'IPv6').map(a => a.address).join()";
    const box = await engine.run({ image: 'host', command: [NODE, '-p', code] });
    expect((await box.result()).stdout.trim()).toMatch(/^(::1)?$/);
  });

  it('warns where a firewall of the host drops what is forwarded', async () => {
    nft('add table inet strict\nadd chain inet strict outer { type filter hook forward priority 5; policy drop; }');
    try {
      warnings.length = 0;
      await addressOf(engine);
      expect(warnings.join()).toMatch(/chain "inet strict outer" of this host drops forwarded packets/);
      nft('add rule inet strict outer iifname tsbox0 accept\nadd rule inet strict outer oifname tsbox0 accept');
      warnings.length = 0;
      await addressOf(engine);
      expect(warnings).toEqual([]);
    } finally {
      nft('delete table inet strict');
    }
  });
});
