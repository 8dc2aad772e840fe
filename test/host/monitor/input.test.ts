import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { connectInput } from '../../../core/monitor/input.js';
import { outputIn } from '../../support/monitor-log.js';
import { hasEnded, type Monitored, startMonitored } from '../../support/monitored.js';
import { terminalOf } from '../../support/monitored-terminal.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const { it } = skipUnless('busybox');
const sh = (script: string) => ['/bin/busybox', 'sh', '-c', script];
const log = { maxSize: 1 << 24, maxFiles: 2 };

async function start(script: string, terminal?: { columns: number; rows: number }) {
  const directory = tempDirectory();
  const more = terminal ? { terminal: terminalOf(terminal) } : {};
  const run = await startMonitored({ directory, log, input: true, command: sh(script), ...more });
  const path = join(directory, 'input');
  const output = async () => (await outputIn(join(directory, 'log'))).stdout.toString();
  const shows = async (text: string) => {
    const deadline = performance.now() + 10_000;
    while (!(await output()).includes(text)) if (performance.now() > deadline) throw new Error(await output());
  };
  return { run, path, output, shows, connected: await connectInput(path) };
}

/** User and system time of a process, in clock ticks. */
function ticks(run: Monitored): number {
  const stat = readFileSync(`/proc/${run.monitor}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

it('passes data on, from several clients, and closes the input', async () => {
  const { run, path, output, shows, connected } = await start('cat; echo over');
  const other = await connectInput(path);
  await connected.write(Buffer.from('from one\n'));
  await shows('from one');
  await other.write(Buffer.from('from another\n'));
  other.close();
  await shows('from another');
  await other.closed;
  await connected.closeStdin();
  expect((await run.gone()).exitCode).toBe(0);
  await connected.closed;
  expect(await output()).toBe('from one\nfrom another\nover\n');
  await connected.write(Buffer.from('too late'));
});

it('megabytes arrive byte for byte, though the command reads late, and though the client left', async () => {
  const { run, connected, output } = await start('sleep 0.3; md5sum; read more; echo $more');
  const bytes = Buffer.alloc(2_000_003, 'some text that repeats, ');
  await connected.write(bytes);
  await connected.closeStdin();
  connected.close();
  expect((await run.gone()).exitCode).toBe(0);
  expect(await output()).toContain(createHash('md5').update(bytes).digest('hex'));
});

it('holds back who writes more than the command reads, without working meanwhile', async () => {
  const { run, connected } = await start('exec sleep 100');
  const chunk = Buffer.alloc(1 << 20, 'x');
  let written = 0;
  const writing = (async () => {
    for (; written < 20; written++) await connected.write(chunk);
  })();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(written).toBeLessThan(4);
  const before = ticks(run);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(ticks(run) - before).toBeLessThanOrEqual(2);
  process.kill(run.pid, 'SIGKILL');
  await run.gone();
  await writing;
});

it('throws away what comes for a command that has closed its input', async () => {
  const { run, connected, shows } = await start('exec < /dev/null; echo closed; exec sleep 100');
  await shows('closed');
  await connected.write(Buffer.alloc(500_000, 'x'));
  await connected.write(Buffer.from('more'));
  expect(hasEnded(run.monitor)).toBe(false);
  process.kill(run.pid, 'SIGKILL');
  expect((await run.gone()).signal).toBe(9);
});

it.each([
  ['an unknown type', [0x7a, 0, 0, 0]],
  ['a second byte that is not 0', [0x64, 1, 1, 0, 0x78]],
  ['a payload that is too long', [0x64, 0, 0x01, 0x10]],
  ['a size of the wrong length', [0x72, 0, 3, 0, 1, 2, 3]],
  ['a close with a payload', [0x63, 0, 1, 0, 1]],
])('closes a client that sends %s, and serves the others', async (_, bytes) => {
  const { run, path, connected, output } = await start('cat');
  const socket = connect(path);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('error', () => {}); // ECONNRESET, where it had sent more than was read
  socket.resume();
  socket.write(Buffer.from(bytes));
  await closed;
  await connected.write(Buffer.from('good'));
  await connected.closeStdin();
  await run.gone();
  expect(await output()).toBe('good');
});

it('takes eight clients at once, closes the ninth, and gives places on', async () => {
  const { run, path, connected, output } = await start('cat');
  const others = await Promise.all(Array.from({ length: 7 }, () => connectInput(path)));
  const ninth = await connectInput(path);
  await ninth.closed;
  others[3]?.close();
  await others[3]?.closed;
  const late = await connectInput(path);
  await late.write(Buffer.from('late'));
  await late.closeStdin();
  await run.gone();
  expect(await output()).toBe('late');
  await Promise.all([connected, ...others, late].map(({ closed }) => closed));
});

it('gives away the place of a client that has gone, and whose data nobody reads', async () => {
  const { run, path, connected } = await start('exec sleep 100');
  const full = Buffer.alloc(100_000, 'x'); // more than the pipe holds
  connected.close();
  for (let i = 0; i < 8; i++) {
    const one = await connectInput(path);
    await one.write(full);
    one.close();
  }
  const socket = connect(path);
  await once(socket, 'connect');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(socket.destroyed).toBe(false);
  socket.destroy();
  process.kill(run.pid, 'SIGKILL');
  await run.gone();
});

it('with a terminal: what is typed, what is shown, and its size', async () => {
  const script = 'stty size; trap "stty size; exit 6" WINCH; read line; echo "got $line"; while :; do sleep 0.05; done';
  const { run, connected, shows, output } = await start(script, { columns: 91, rows: 17 });
  await shows('17 91');
  await connected.write(Buffer.from('hello\r'));
  await shows('got hello');
  await connected.resize(120, 40);
  await shows('40 120');
  expect((await run.gone()).exitCode).toBe(6);
  expect(await output()).toBe('17 91\r\nhello\r\ngot hello\r\n40 120\r\n');
});

it('with a terminal: a size and data that come before it does', async () => {
  const { run, connected, output } = await start('read line; stty size; echo "got $line"', { columns: 1, rows: 1 });
  await connected.resize(77, 33);
  await connected.write(Buffer.from('early\r'));
  expect((await run.gone()).exitCode).toBe(0);
  expect(await output()).toContain('33 77\r\ngot early\r\n');
});

it('with a terminal: all of its output is there, though the command ends at once', async () => {
  const { run, output } = await start('seq 1 3000', { columns: 80, rows: 24 });
  expect((await run.gone()).exitCode).toBe(0);
  expect(await output()).toBe(Array.from({ length: 3000 }, (_, i) => `${i + 1}\r\n`).join(''));
});

it('with a terminal that nobody has open for a while: it rests, and shows what comes later', async () => {
  const script = 'exec < /dev/null > /dev/null 2>&1; sleep 1.2; echo again > /dev/tty; exec sleep 100';
  const { run, shows } = await start(script, { columns: 80, rows: 24 });
  const before = ticks(run);
  await shows('again');
  expect(ticks(run) - before).toBeLessThanOrEqual(5);
  process.kill(run.pid, 'SIGKILL');
  await run.gone();
});
