import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { connectInput } from '../../../core/monitor/input.js';
import { waitForEnd } from '../../../core/monitor/wait.js';
import { readRunState } from '../../../core/state/run-state.js';
import { outputIn } from '../../support/monitor-log.js';
import { hasEnded, startMonitored } from '../../support/monitored.js';
import { REPOSITORY } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';
import { until } from '../../support/until.js';

const { it } = skipUnless('busybox');
const sh = (script: string) => ['/bin/busybox', 'sh', '-c', script];
const log = { maxSize: 1 << 20, maxFiles: 2 };

it('records exit status and time', async () => {
  const directory = tempDirectory();
  const before = Date.now();
  const run = await startMonitored({ directory, log, command: sh('echo hello; exit 3') });
  const state = await run.gone();
  expect(state).toMatchObject({ phase: 'ended', exitCode: 3, signal: null, timedOut: false, dropped: 0 });
  expect(state.endedAt).toBeGreaterThanOrEqual(before);
  expect(state.endedAt).toBeLessThanOrEqual(Date.now());
  expect(state.memoryEvents).toBe('');
  const text = readFileSync(join(directory, 'log', 'log'), 'utf8');
  const [, time] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\d{6}Z stdout F hello\n$/.exec(text) as RegExpExecArray;
  expect(Date.parse(`${time}Z`)).toBeGreaterThanOrEqual(before - 1);
  expect(Date.parse(`${time}Z`)).toBeLessThanOrEqual(Date.now());
});

it('records the signal, and what the container had of memory events', async () => {
  const directory = tempDirectory();
  const memoryEvents = join(directory, 'memory.events');
  writeFileSync(memoryEvents, `low 0\noom 1\noom_kill 1\n${'x'.repeat(1000)}`);
  const run = await startMonitored({ directory, memoryEvents, command: sh('kill -9 $$') });
  const state = await run.gone();
  expect(state).toMatchObject({ phase: 'ended', exitCode: null, signal: 9 });
  expect(state.memoryEvents).toMatch(/^low 0\noom 1\noom_kill 1\nx+$/);
  expect(state.memoryEvents).toHaveLength(448);
});

it('reads memory events when the run has ended, not before', async () => {
  const directory = tempDirectory();
  const memoryEvents = join(directory, 'memory.events');
  writeFileSync(memoryEvents, 'oom_kill 0\n');
  const run = await startMonitored({ directory, memoryEvents, command: sh(`echo oom_kill 2 > ${memoryEvents}`) });
  expect((await run.gone()).memoryEvents).toBe('oom_kill 2\n');
});

it('kills at the timeout', async () => {
  const directory = tempDirectory();
  const started = performance.now();
  const run = await startMonitored({ directory, log, timeoutMs: 300, command: sh('echo up; exec sleep 100') });
  const state = await run.gone();
  expect(performance.now() - started).toBeGreaterThanOrEqual(300);
  expect(performance.now() - started).toBeLessThan(3000);
  expect(state).toMatchObject({ phase: 'ended', signal: 9, timedOut: true });
  expect((await outputIn(join(directory, 'log'))).stdout.toString()).toBe('up\n');
});

it('appends one line to the events', async () => {
  const directory = tempDirectory();
  const file = join(directory, 'events');
  writeFileSync(file, 'earlier\n');
  const event = { file, before: '{"exit":"', between: '","at":"', after: '"}\n' };
  const run = await startMonitored({ directory, event, command: sh('exit 200') });
  const { endedAt } = await run.gone();
  const [earlier, line] = readFileSync(file, 'utf8').split('\n');
  expect(earlier).toBe('earlier');
  const { exit, at } = JSON.parse(line as string) as { exit: string; at: string };
  expect(exit).toBe('200');
  expect(Number(BigInt(at) / 1_000_000n)).toBe(endedAt);
  const killed = await startMonitored({ directory, event, command: sh('kill -15 $$') });
  await killed.gone();
  expect(readFileSync(file, 'utf8').split('\n')[2]).toContain('"exit":"143"');
});

it('closes `alive` once the end is recorded, for all who wait', async () => {
  const directory = tempDirectory();
  const run = await startMonitored({ directory, log, command: sh('read x; exit 4'), input: true });
  const waiting = Array.from({ length: 300 }, () => waitForEnd(join(directory, 'alive')).then(() => run.state()));
  const abort = new AbortController();
  const aborted = waitForEnd(join(directory, 'alive'), abort.signal);
  abort.abort();
  await aborted;
  expect(hasEnded(run.pid)).toBe(false);
  process.kill(run.pid, 'SIGTERM');
  for (const state of await Promise.all(waiting)) expect(state).toMatchObject({ phase: 'ended', signal: 15 });
  await waitForEnd(join(directory, 'alive'));
  await waitForEnd(join(directory, 'nowhere'));
  await run.gone();
});

it('gives what was written before the end, and does not wait for who else holds the pipe', async () => {
  const directory = tempDirectory();
  // The left-over process writes for ever, and keeps both pipes open: what it writes after the end is less than a file.
  const script = '(echo $$ >&2; exec yes left) & sleep 0.2; echo of the command >&2';
  const run = await startMonitored({ directory, log: { maxSize: 8 << 20, maxFiles: 2 }, command: sh(script) });
  expect(await run.gone()).toMatchObject({ phase: 'ended', exitCode: 0 });
  const { stderr } = await outputIn(join(directory, 'log'));
  expect(stderr.toString()).toContain('of the command\n');
});

it('is nobody’s child, in a session of its own, in no directory of ours', async () => {
  const directory = tempDirectory();
  const run = await startMonitored({ directory, log, command: sh('exec sleep 100') });
  const stat = readFileSync(`/proc/${run.monitor}/stat`, 'utf8');
  const [, parent, group, session] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  expect(parent).not.toBe(process.pid);
  expect([group, session]).toEqual([run.monitor, run.monitor]);
  process.kill(run.pid, 'SIGKILL');
  await run.gone();
});

it('goes on when whoever started it is killed', async () => {
  const directory = tempDirectory();
  const outfile = join(directory, 'start.cjs');
  const starter = join(REPOSITORY, 'test/fixtures/start-monitored.ts');
  const bundler = join(REPOSITORY, 'node_modules/.bin/esbuild');
  const flags = ['--bundle', '--platform=node', '--format=cjs', '--log-level=error', `--outfile=${outfile}`];
  execFileSync(bundler, [starter, ...flags]);
  const engine = spawn(process.execPath, [outfile, directory, 'read x; echo "got $x"; exit 6'], {
    env: { NODE_PATH: join(REPOSITORY, 'node_modules') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(engine.stdout, 'data')) as [Buffer];
  const monitor = Number(said.toString().split(' ')[1]);
  engine.kill('SIGKILL');
  await once(engine, 'close');
  expect(hasEnded(monitor)).toBe(false);
  const input = await connectInput(join(directory, 'input'));
  await input.write(Buffer.from('it\n'));
  await waitForEnd(join(directory, 'alive'));
  expect(readRunState(directory)).toMatchObject({ phase: 'ended', exitCode: 6 });
  expect((await outputIn(join(directory, 'log'))).stdout.toString()).toBe('got it\n');
  await until(() => hasEnded(monitor));
});

it('takes the container with it when it is killed', async () => {
  const directory = tempDirectory();
  const run = await startMonitored({ directory, log, command: sh('exec sleep 100') });
  process.kill(run.monitor, 'SIGKILL');
  await until(() => hasEnded(run.pid));
  expect(run.state().phase).toBe('running');
});

it('reaches sockets whose path is longer than an address', async () => {
  const directory = join(tempDirectory(), 'x'.repeat(120));
  mkdirSync(directory);
  const run = await startMonitored({ directory, log, command: sh('exec sleep 100') });
  const waiting = waitForEnd(join(directory, 'alive'));
  process.kill(run.pid, 'SIGKILL');
  await waiting;
  await run.gone();
});
