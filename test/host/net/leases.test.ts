import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { createEngine, type LibraryEngine } from '../../../core/index.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { addressOf, NODE } from './actors.js';
import { administrate, makeOutside, type Outside } from './internet.js';

const { describe, it } = skipUnless('root', 'overlay', 'ip', 'nft');

describe('addresses on the bridge', () => {
  const { root, runroot, flags } = tempRoot();
  const engineWith = (options: object = {}) =>
    createEngine({ root, runroot, network: 'bridge', driverOptions: { bridge: { ...options } } });
  const sleeper = (engine: LibraryEngine, options: object = {}) =>
    engine.run({ image: 'host', command: ['sleep', '60'], ...options });
  let outside: Outside;
  beforeAll(async () => {
    outside = await makeOutside(1);
  });
  afterAll(() => outside.close());

  const nothingLeft = () => {
    expect(readdirSync('/proc/sys/net/ipv4/conf').filter((name) => name.startsWith('tsb'))).toEqual([]);
    expect(execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' })).not.toContain('tsbox');
    expect(existsSync(`${runroot}/net`)).toBe(false);
  };

  it('are given out one by one, and free again when a container has ended', async () => {
    await using engine = await engineWith();
    await using first = await sleeper(engine);
    expect(first.pid).toBeGreaterThan(0);
    expect(await addressOf(engine)).toBe('10.209.0.3/16');
    expect(await addressOf(engine)).toBe('10.209.0.3/16');
  });

  it('run out with a message, and the last one is free again afterwards', async () => {
    await using engine = await engineWith({ subnet: '10.215.0.0/30' });
    const only = await sleeper(engine);
    await expect(sleeper(engine)).rejects.toMatchObject({ code: 'ERR_TSBOX_NO_ADDRESS' });
    await only[Symbol.asyncDispose]();
    expect(await addressOf(engine)).toBe('10.215.0.2/30');
  });

  it('can be asked for, but not twice and not outside the subnet', async () => {
    await using engine = await engineWith();
    await using one = await sleeper(engine, { ip: '10.209.1.1' });
    expect(one.pid).toBeGreaterThan(0);
    await expect(sleeper(engine, { ip: '10.209.1.1' })).rejects.toMatchObject({ code: 'ERR_TSBOX_ADDRESS_IN_USE' });
    await expect(sleeper(engine, { ip: '10.209.0.1' })).rejects.toMatchObject({ code: 'ERR_TSBOX_ADDRESS_IN_USE' });
    await expect(sleeper(engine, { ip: '10.99.1.1' })).rejects.toMatchObject({ code: 'ERR_TSBOX_INVALID_SPEC' });
  });

  it('are thirty different ones for thirty launches at once', async () => {
    await using engine = await engineWith();
    const code = "console.log(require('os').networkInterfaces().eth0[0].address)";
    const boxes = await Promise.all(
      Array.from({ length: 30 }, () =>
        engine.run({ image: 'host', command: ['sh', '-c', `${NODE} -e "${code}"; sleep 20`] }),
      ),
    );
    const addresses = await Promise.all(
      boxes.map((box) => new Promise((resolve) => box.stdout?.once('data', (data) => resolve(String(data).trim())))),
    );
    expect(new Set(addresses).size).toBe(30);
    await Promise.all(boxes.map((box) => box[Symbol.asyncDispose]()));
    nothingLeft();
  });

  it('are different ones for processes that know nothing of each other', async () => {
    const command = ['run', '--rm', '--network=bridge', 'host', 'sh', '-c', 'ip -4 -o address show eth0; sleep 2'];
    const results = await Promise.all(Array.from({ length: 6 }, () => runCli([...flags, ...command])));
    expect(results.map(({ stderr }) => stderr).join('')).toBe('');
    expect(new Set(results.map(({ stdout }) => /10\.209\.0\.\d+/.exec(stdout)?.[0])).size).toBe(6);
    nothingLeft();
  });

  it('are of another subnet where the first collides with a route', async () => {
    administrate('route', 'add', '10.209.128.0/17', 'via', outside.address);
    try {
      await using engine = await engineWith();
      expect(await addressOf(engine)).toBe('10.210.0.2/16');
      await using other = await engineWith({ subnet: '10.209.0.0/16' });
      await expect(addressOf(other)).rejects.toMatchObject({
        code: 'ERR_TSBOX_INVALID_SPEC',
        why: 'it collides with the route to 10.209.128.0/17 of this host',
      });
    } finally {
      administrate('route', 'delete', '10.209.128.0/17');
    }
  });

  it('of two runroots are on two bridges', async () => {
    const other = tempRoot();
    await using engine = await engineWith();
    await using neighbour = await createEngine({ root: other.root, runroot: other.runroot, network: 'bridge' });
    await using box = await sleeper(engine);
    expect(box.pid).toBeGreaterThan(0);
    expect(await addressOf(neighbour)).toBe('10.210.0.2/16');
  });

  it('leave nothing, and forwarding as it was', async () => {
    const forwarding = () =>
      readdirSync('/proc/sys/net/ipv4/conf').map((link) =>
        readFileSync(`/proc/sys/net/ipv4/conf/${link}/forwarding`, 'utf8'),
      );
    const before = forwarding();
    await using engine = await engineWith();
    const box = await sleeper(engine, { publish: ['18090:80'] });
    if (readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim() === '0') expect(forwarding()).not.toEqual(before);
    await box[Symbol.asyncDispose]();
    nothingLeft();
    expect(forwarding()).toEqual(before);
  });

  it.each([
    ['the bridge', () => administrate('link', 'delete', 'tsbox0')],
    ['the nft table', () => execFileSync('nft', ['delete', 'table', 'ip', 'tsbox0'])],
    ['the leases', () => rmSync(`${runroot}/net`, { recursive: true })],
  ])('are given back when somebody else has removed %s', async (_, remove) => {
    await using engine = await engineWith();
    const box = await sleeper(engine, { publish: ['18091:80'] });
    remove();
    await box[Symbol.asyncDispose]();
    nothingLeft();
    expect(await addressOf(engine)).toBe('10.209.0.2/16');
  });
});
