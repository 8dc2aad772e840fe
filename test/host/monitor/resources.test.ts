import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { connectInput } from '../../../core/monitor/input.js';
import { outputIn } from '../../support/monitor-log.js';
import { startMonitored } from '../../support/monitored.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';
import { until } from '../../support/until.js';

const { it } = skipUnless('busybox');
const sh = (script: string) => ['/bin/busybox', 'sh', '-c', script];

function status(pid: number, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

it('takes at most a megabyte, also when it has logged and passed on a lot', async () => {
  const directory = tempDirectory();
  const log = { maxSize: 100_000, maxFiles: 3 };
  const run = await startMonitored({ directory, log, input: true, command: sh('cat; read end') });
  const fresh = status(run.monitor, 'VmRSS');
  const clients = await Promise.all(Array.from({ length: 8 }, () => connectInput(join(directory, 'input'))));
  await Promise.all(clients.map((client) => client.write(Buffer.alloc(1 << 20, 'some text\n'))));
  for (const client of clients) client.close();
  await until(() => (statSync(join(directory, 'log', 'log'), { throwIfNoEntry: false })?.size ?? 0) > 0);
  const busy = status(run.monitor, 'VmHWM');
  console.log(`monitor: ${fresh} kB resident at its beginning, ${busy} kB at most`);
  expect(fresh).toBeLessThanOrEqual(100);
  expect(busy).toBeLessThanOrEqual(1024);
  process.kill(run.pid, 'SIGKILL');
  await run.gone();
});

it('holds nothing but what it works with: no end of the container’s pipes, nothing of its caller’s', async () => {
  const directory = tempDirectory();
  const log = { maxSize: 100_000, maxFiles: 3 };
  const run = await startMonitored({ directory, log, input: true, command: sh('exec sleep 100') });
  const links = readdirSync(`/proc/${run.monitor}/fd`).map((fd) => readlinkSync(`/proc/${run.monitor}/fd/${fd}`));
  const kinds = links.map((link) => link.replace(directory, '').replace(/:\[\d+\]$/, '')).sort();
  expect(kinds).toEqual(
    [
      ...['/dev/null', '/dev/null', '/dev/null'],
      ...['/log', '/log/log', '/state'],
      ...['anon_inode:[pidfd]'], // the child
      ...['pipe', 'pipe', 'pipe'], // the monitor's ends of stdin, stdout, stderr
      ...['socket', 'socket'], // alive, input
    ].sort(),
  );
  const writers = links.filter((link) => link.startsWith('pipe:')).length;
  expect(new Set(links.filter((link) => link.startsWith('pipe:'))).size).toBe(writers);
  expect(readlinkSync(`/proc/${run.monitor}/cwd`)).toBe('/');
  expect(readFileSync(`/proc/${run.monitor}/environ`, 'utf8')).toBe('');
  process.kill(run.pid, 'SIGKILL');
  await run.gone();
});

it('a hundred at once: each counts its own', async () => {
  const root = tempDirectory();
  const log = { maxSize: 100_000, maxFiles: 1 };
  const runs = [];
  for (let i = 0; i < 100; i++) {
    const directory = join(root, `${i}`);
    runs.push({ i, directory, run: await startMonitored({ directory, log, command: sh(`echo ${i}; exit ${i}`) }) });
  }
  for (const { i, directory, run } of runs) {
    expect((await run.gone()).exitCode).toBe(i);
    expect((await outputIn(join(directory, 'log'))).stdout.toString()).toBe(`${i}\n`);
  }
});
