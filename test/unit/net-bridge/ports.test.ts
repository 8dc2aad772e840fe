import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { nft } from '../../../core/plugin/index.js';
import { choosePorts, portFile, portsCollide, publish, readPortFile } from '../../../plugins/net-bridge/ports.js';

const gate = new LibcGate();
const port = (hostPort: number, hostIp = '0.0.0.0', protocol: 'tcp' | 'udp' = 'tcp') => ({
  protocol,
  hostIp,
  hostPort,
  containerPort: 80,
});

describe('published ports', () => {
  it('collide like sockets: the wildcard address with every other', () => {
    expect(portsCollide(port(80), port(80, '127.0.0.1'))).toBe(true);
    expect(portsCollide(port(80, '127.0.0.1'), port(80))).toBe(true);
    expect(portsCollide(port(80, '127.0.0.1'), port(80, '192.0.2.1'))).toBe(false);
    expect(portsCollide(port(80), port(80, '0.0.0.0', 'udp'))).toBe(false);
    expect(portsCollide(port(80), port(81))).toBe(false);
  });

  it('are file names and back', () => {
    expect(portFile(port(53, '127.0.0.1', 'udp'))).toBe('udp-53-127.0.0.1');
    expect(readPortFile('udp-53-127.0.0.1')).toEqual({ ...port(53, '127.0.0.1', 'udp'), containerPort: 0 });
    for (const other of ['10.209.0.2', 'mark', 'abc.json']) expect(readPortFile(other)).toBeUndefined();
  });

  it('are chosen free and different where the user names none', () => {
    const chosen = choosePorts(
      gate,
      [1, 2, 3].map((containerPort) => ({ containerPort, protocol: 'tcp' as const })),
      [],
    );
    expect(new Set(chosen.map(({ hostPort }) => hostPort)).size).toBe(3);
    expect(chosen.every(({ hostPort }) => hostPort > 1024)).toBe(true);
  });

  it('are refused where a program listens, also on one address only', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port: hostPort } = server.address() as { port: number };
    const choose = () => choosePorts(gate, [{ hostPort, containerPort: 80, protocol: 'tcp' }], []);
    expect(choose).toThrow(
      expect.objectContaining({ code: 'ERR_TSBOX_PORT_IN_USE', why: 'a program on this host has it' }),
    );
    await new Promise((resolve) => server.close(resolve));
    expect(choose()).toEqual([port(hostPort)]);
  });

  it('are refused where a container has them', () => {
    const choose = () =>
      choosePorts(gate, [{ hostPort: 18099, containerPort: 80, protocol: 'tcp' }], [port(18099, '127.0.0.1')]);
    expect(choose).toThrow(expect.objectContaining({ why: 'a container has published it' }));
  });

  it('are elements of the map for their kind of address', () => {
    const messages = publish('tsbox0', '10.209.0.2', [port(8080), port(53, '127.0.0.1', 'udp')]);
    expect(messages.map(({ label }) => label)).toEqual([
      'NFT_MSG_NEWSETELEM tsbox0 published_any',
      'NFT_MSG_NEWSETELEM tsbox0 published_on',
    ]);
    const elements = messages.flatMap(({ payload }) => nft.decodeElements(payload));
    expect(
      elements.map(({ key, data }) => [key, data].map((each) => Buffer.from(each ?? []).toString('hex')).join(' ')),
    ).toEqual(['060000001f900000 0ad1000200500000', '7f0000011100000000350000 0ad1000200500000']);
  });
});
