import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseProcess, readProcess } from '../../../core/kernel/process-table.js';
import { parseTraffic } from '../../../core/kernel/traffic.js';

const STATUS = 'Name:\tx\nUid:\t1000\t33\t1000\t1000\nGid:\t100\t50\t100\t100\nVmRSS:\t   12 kB\nNSpid:\t77\t5\t1\n';
const stat = (name: string) => `77 (${name}) S 5 77 77 34817 77 4194304 1 0 0 0 150 50 0 0 25 5 3 0 9000 4096 3 1 2\n`;

describe('a process', () => {
  it('is read from three texts', () => {
    expect(parseProcess(77, stat('sleep'), STATUS, 'sleep\0a b\0\0')).toEqual({
      pid: 77,
      parent: 5,
      group: 77,
      session: 77,
      terminal: 34817,
      state: 'SNsl+',
      user: { real: 1000, effective: 33 },
      primaryGroup: { real: 100, effective: 50 },
      threads: 3,
      nice: 5,
      priority: 25,
      cpuTicks: 200,
      startTicks: 9000,
      virtualSize: 4096,
      residentSize: 12_288,
      comm: 'sleep',
      args: ['sleep', 'a b', ''],
      depth: 3,
      innerPid: 1,
    });
  });

  it('may have any name', () => {
    const found = parseProcess(77, stat(') R 1 1 1 ('), STATUS, '');
    expect(found).toMatchObject({ comm: ') R 1 1 1 (', parent: 5, state: 'SNsl+', args: [] });
  });

  it('that is there is found, and one that is gone is not', async () => {
    const child = spawn('sleep', ['600']);
    const { pid } = child as { pid: number };
    expect(readProcess(pid)).toMatchObject({ pid, parent: process.pid, depth: 1, innerPid: pid });
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(readProcess(pid)).toBeUndefined();
  });
});

it('traffic is that of all interfaces but the loopback one', () => {
  const header = 'Inter-|   Receive  |  Transmit\n face |bytes    packets errs |bytes packets\n';
  const lo = '    lo:   10408     136    0    0    0     0          0         0    10408     136    0\n';
  const eth0 = '  eth0: 100 2 0 0 0 0 0 0 50 1 0 0 0 0 0 0\n';
  const alias = 'eth1.5:7 2 0 0 0 0 0 0 3 1 0 0 0 0 0 0\n';
  expect(parseTraffic(header + lo + eth0 + alias)).toEqual({ received: 107, sent: 53 });
  expect(parseTraffic(header)).toEqual({ received: 0, sent: 0 });
});
