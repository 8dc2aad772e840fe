import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { followLog } from '../../../core/log/index.js';
import { connectInput } from '../../../core/monitor/input.js';
import { outputIn } from '../../support/monitor-log.js';
import { type Monitored, startMonitored } from '../../support/monitored.js';
import { gate } from '../../support/recording.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';
import { until } from '../../support/until.js';

const { it } = skipUnless('busybox', 'root');
const sh = (script: string) => ['/bin/busybox', 'sh', '-c', script];
const log = { maxSize: 1 << 28, maxFiles: 2 };
const ENTRY = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) [FP] /;

function memory(run: Monitored): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${run.monitor}/status`, 'utf8'))?.[1]);
}

it('keeps both streams apart, and the order of what it reads', async () => {
  const directory = tempDirectory();
  const script = 'for i in 1 2 3; do echo out $i; sleep 0.02; echo err $i >&2; sleep 0.02; done';
  await (await startMonitored({ directory, log, command: sh(script) })).gone();
  const { stdout, stderr, entries } = await outputIn(join(directory, 'log'));
  expect(stdout.toString()).toBe('out 1\nout 2\nout 3\n');
  expect(stderr.toString()).toBe('err 1\nerr 2\nerr 3\n');
  expect(entries.map(({ stream }) => stream)).toEqual(Array(3).fill(['stdout', 'stderr']).flat());
  const times = entries.map(({ time }) => time);
  expect(times).toEqual([...times].sort());
});

it.each([
  ['random bytes, of every value', randomBytes(3_000_000)],
  ['one line without an end', Buffer.from(randomBytes(1_000_000).toString('hex'))],
  ['newlines only', Buffer.alloc(20_000, '\n')],
  ['a line as long as what is read at once', Buffer.concat([Buffer.alloc(32_767, 'x'), Buffer.from('\n')])],
  ['a line one longer than that', Buffer.concat([Buffer.alloc(32_768, 'x'), Buffer.from('\nrest')])],
])('%s: comes out byte for byte', async (_, bytes) => {
  const directory = tempDirectory();
  writeFileSync(join(directory, 'bytes'), bytes);
  const command = sh(`cat ${directory}/bytes; cat ${directory}/bytes >&2`);
  await (await startMonitored({ directory, log, command })).gone();
  const { stdout, stderr } = await outputIn(join(directory, 'log'));
  expect(stdout.equals(bytes)).toBe(true);
  expect(stderr.equals(bytes)).toBe(true);
});

it('appends to the log of the run before, even where that was cut', async () => {
  const directory = tempDirectory();
  await (await startMonitored({ directory, log, command: sh('echo first') })).gone();
  const file = join(directory, 'log', 'log');
  writeFileSync(file, `${readFileSync(file, 'utf8')}2026-11-22T03:04:05.1234`);
  await (await startMonitored({ directory, log, command: sh('echo second') })).gone();
  expect((await outputIn(join(directory, 'log'))).stdout.toString()).toBe('first\nsecond\n');
});

it('is read while it is written', async () => {
  const directory = tempDirectory();
  const run = await startMonitored({ directory, log, command: sh('printf "no end: "; sleep 0.2; echo now') });
  const seen: string[] = [];
  for await (const { text } of followLog(join(directory, 'log'), { ended: run.gone() })) seen.push(text.toString());
  expect(seen).toEqual(['no end: ', 'now\n']);
});

it('rotates: 210 MB in a hurry stay within the limit, and the last of it is there', async () => {
  const directory = tempDirectory();
  const [maxSize, maxFiles] = [1_000_000, 3];
  writeFileSync(join(directory, 'lines'), `${'x'.repeat(119)}\n`.repeat(70_000));
  const script = `for i in $(seq 1 25); do cat ${directory}/lines; done; seq 1 2000; read end`;
  const started = performance.now();
  const run = await startMonitored({ directory, log: { maxSize, maxFiles }, command: sh(script), input: true });
  let sizes: number[] = [];
  const look = () => {
    const names = readdirSync(join(directory, 'log'));
    sizes = names.map((name) => statSync(join(directory, 'log', name), { throwIfNoEntry: false })?.size ?? 0);
    expect(names.length).toBeLessThanOrEqual(maxFiles);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(maxSize);
  };
  await until(() => {
    look();
    return readFileSync(join(directory, 'log', 'log'), { encoding: 'utf8', flag: 'a+' }).endsWith(' F 2000\n');
  }, 60_000);
  console.log(`210 MB logged in ${Math.round(performance.now() - started)} ms; monitor at most ${memory(run)} kB`);
  expect(memory(run)).toBeLessThanOrEqual(1024);
  process.kill(run.pid, 'SIGKILL');
  expect((await run.gone()).dropped).toBe(0);
  const { stdout } = await outputIn(join(directory, 'log'));
  const lines = stdout.toString().split('\n').slice(-2001, -1);
  expect(lines).toEqual(Array.from({ length: 2000 }, (_, i) => `${i + 1}`));
});

it('follows through every rotation of the only file', async () => {
  const directory = tempDirectory();
  const script = 'for i in $(seq 1 300); do echo $i; usleep 1000; done';
  const run = await startMonitored({ directory, log: { maxSize: 2000, maxFiles: 1 }, command: sh(script) });
  const seen: string[] = [];
  for await (const { text } of followLog(join(directory, 'log'), { ended: run.gone() })) seen.push(text.toString());
  expect(statSync(join(directory, 'log', 'log')).size).toBeLessThanOrEqual(2000);
  expect(readdirSync(join(directory, 'log'))).toEqual(['log']);
  expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => `${i + 1}\n`));
});

it('a full disk: the container goes on, what is lost is counted, the log stays whole', async () => {
  const directory = tempDirectory();
  const disk = smallDisk(1 << 20);
  const target = `/proc/self/fd/${disk}`;
  try {
    writeFileSync(`${target}/filler`, Buffer.alloc(900_000));
    const script = `seq 1 20000; echo full > ${directory}/full; read go; echo "room again"; read end`;
    const options = { maxSize: 10_000_000, maxFiles: 2, directory: target };
    const run = await startMonitored({ directory, log: options, command: sh(script), input: true });
    await until(() => statSync(join(directory, 'full'), { throwIfNoEntry: false }) !== undefined);
    await until(() => run.state().dropped > 0);
    const whole = readFileSync(`${target}/log`, 'latin1').split('\n');
    expect(whole.pop()).toBe('');
    expect(whole.every((line) => ENTRY.test(line))).toBe(true);
    rmSync(`${target}/filler`);
    const input = await connectInput(join(directory, 'input'));
    await input.write(Buffer.from('go\n'));
    await until(() => readFileSync(`${target}/log`, 'latin1').endsWith(' F room again\n'));
    await input.write(Buffer.from('end\n'));
    const { dropped, exitCode } = await run.gone();
    const { stdout } = await outputIn(target);
    const written = `${Array.from({ length: 20_000 }, (_, i) => `${i + 1}\n`).join('')}room again\n`;
    expect(exitCode).toBe(0);
    expect(dropped + stdout.length).toBe(written.length);
    console.log(`full disk: ${dropped} bytes dropped, ${stdout.length} kept`);
  } finally {
    closeSync(disk);
  }
});

it('without a log the output is thrown away, and the command is not held up', async () => {
  const directory = tempDirectory();
  const run = await startMonitored({ directory, command: sh('head -c 50000000 /dev/zero; exit 9') });
  expect(await run.gone()).toMatchObject({ exitCode: 9, dropped: 0 });
  expect(readdirSync(join(directory, 'log'))).toEqual([]);
});

it('goes on where its log cannot be made', async () => {
  const directory = tempDirectory();
  const options = { ...log, directory: '/proc/self/fdinfo' };
  const run = await startMonitored({ directory, log: options, command: sh('echo lost; exit 5') });
  expect(await run.gone()).toMatchObject({ exitCode: 5, dropped: 5 });
});

/** A file system of its own that is mounted nowhere. @returns a descriptor of its root */
function smallDisk(bytes: number): number {
  const [FSCONFIG_SET_STRING, FSCONFIG_CMD_CREATE, CLOEXEC] = [1, 6, 1];
  const context = gate.call('fsopen', 'tmpfs', CLOEXEC);
  try {
    gate.call('fsconfig', context, FSCONFIG_SET_STRING, 'size', `${bytes}`, 0);
    gate.call('fsconfig', context, FSCONFIG_CMD_CREATE, null, null, 0);
    const mount = gate.call('fsmount', context, CLOEXEC, 0);
    try {
      return openSync(`/proc/self/fd/${mount}`, 'r');
    } finally {
      closeSync(mount);
    }
  } finally {
    closeSync(context);
  }
}
