import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { connectInput } from '../../../core/monitor/input.js';
import { waitForEnd } from '../../../core/monitor/wait.js';
import { setTakenCareOf } from '../../../core/state/run-state.js';
import { hasEnded, type MonitoredOptions, startMonitored } from '../../support/monitored.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';
import { until } from '../../support/until.js';

const { it } = skipUnless('busybox');
const sh = (script: string) => ['/bin/busybox', 'sh', '-c', script];
const DEFAULTS = {
  env: [] as readonly string[],
  successDelayMs: 0,
  failureDelayMs: 0,
  steadyMs: 60_000,
  steadyDelayMs: 0,
};
const released = (directory: string) => setTakenCareOf(directory, false);
const exists = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined;

type After = NonNullable<MonitoredOptions['after']>;
type Delays = { readonly [Name in keyof After]?: After[Name] | undefined };

/** A run whose monitor becomes `successor`, and what that wrote to its stderr. */
async function start(command: string, successor: string, more: Delays & Partial<MonitoredOptions>) {
  const directory = tempDirectory();
  const { prepare = released, input = false, log, ...after } = more;
  const run = await startMonitored({
    directory,
    command: sh(command),
    prepare,
    input,
    ...(log && { log }),
    after: { ...DEFAULTS, ...after, argv: sh(successor) } as After,
  });
  return { run, directory, said: () => readFileSync(join(directory, 'monitor.log'), 'utf8') };
}

it('becomes the program, as the same process, with nothing of the monitor’s but its stderr', async () => {
  const more = { env: ['A=one two', 'B=three'], log: { maxSize: 1000, maxFiles: 1 }, input: true };
  const { run, directory } = await start('exit 1', 'exec sleep 100', more);
  const proc = (name: string) => readFileSync(`/proc/${run.monitor}/${name}`, 'utf8');
  await until(() => proc('cmdline') === 'sleep\x00100\0');
  expect(proc('environ').split('\0')).toEqual(expect.arrayContaining(more.env));
  const fds = readdirSync(`/proc/${run.monitor}/fd`).map((fd) => readlinkSync(`/proc/${run.monitor}/fd/${fd}`));
  expect(fds).toEqual(['/dev/null', '/dev/null', join(directory, 'monitor.log')]);
  const ignored = /^SigIgn:\s+(\w+)$/m.exec(proc('status'))?.[1];
  expect(BigInt(`0x${ignored}`) & 0x1001000n).toBe(0n); // SIGPIPE, SIGXFSZ
  expect(run.state()).toMatchObject({ phase: 'ended', exitCode: 1 });
  process.kill(run.monitor, 'SIGKILL');
  await run.gone();
});

it.each([
  ['success', 'exit 0', { failureDelayMs: undefined }, true],
  ['success', 'exit 0', { successDelayMs: undefined }, false],
  ['failure', 'exit 1', { failureDelayMs: undefined }, false],
  ['failure', 'exit 1', { successDelayMs: undefined }, true],
  ['a signal', 'kill -9 $$', { successDelayMs: undefined }, true],
] as const)('after %s (%s) with %o it is started: %s', async (_, command, delays, expected) => {
  const { run, said } = await start(command, 'echo started >&2', delays);
  const { phase } = await run.gone();
  expect(said()).toBe(expected ? 'started\n' : '');
  expect(phase).toBe('ended');
});

it('waits as long as it was told to; meanwhile nobody waits for the end any more, and input is gone', async () => {
  const { run, directory, said } = await start('read x; exit 1', 'echo started >&2', {
    failureDelayMs: 600,
    input: true,
    log: { maxSize: 1000, maxFiles: 1 },
  });
  const input = await connectInput(join(directory, 'input'));
  const started = performance.now();
  await input.write(Buffer.from('\n'));
  await waitForEnd(join(directory, 'alive'));
  await input.closed;
  expect(performance.now() - started).toBeLessThan(500);
  expect(run.state()).toMatchObject({ phase: 'waiting', exitCode: 1 });
  await expect(connectInput(join(directory, 'input'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(said()).toBe('');
  await run.gone();
  expect(performance.now() - started).toBeGreaterThanOrEqual(600);
  expect(said()).toBe('started\n');
});

it('a run that was long enough waits the short delay', async () => {
  const delays = { failureDelayMs: 60_000, steadyMs: 200, steadyDelayMs: 10 };
  const { run, said } = await start('sleep 0.3; exit 1', 'echo started >&2', delays);
  await run.gone();
  expect(said()).toBe('started\n');
});

it('just leaves where somebody takes care', async () => {
  const { run, said } = await start('exit 1', 'echo started >&2', { prepare: () => {} });
  expect(await run.gone()).toMatchObject({ phase: 'ended', exitCode: 1 });
  expect(said()).toBe('');
});

it('just leaves where somebody takes care by the time that the delay is over', async () => {
  const { run, directory, said } = await start('exit 1', 'echo started >&2', { failureDelayMs: 300 });
  await until(() => run.state().phase === 'waiting');
  setTakenCareOf(directory, true);
  expect(await run.gone()).toMatchObject({ phase: 'ended', exitCode: 1 });
  expect(said()).toBe('');
});

it('is ended by SIGTERM while it waits', async () => {
  const { run, said } = await start('exit 1', 'echo started >&2', { failureDelayMs: 60_000 });
  await until(() => run.state().phase === 'waiting');
  process.kill(run.monitor, 'SIGTERM');
  await run.gone();
  expect(said()).toBe('');
});

it('says so where the program is not there', async () => {
  const directory = tempDirectory();
  mkdirSync(join(directory, 'log'));
  const run = await startMonitored({
    directory,
    command: sh('exit 1'),
    prepare: released,
    after: { ...DEFAULTS, argv: ['/nowhere/tsbox'] },
  });
  expect((await run.gone()).phase).toBe('ended');
  expect(readFileSync(join(directory, 'monitor.log'), 'utf8')).toContain('cannot be executed');
});

it('waits for the engine’s word before it looks who takes care', async () => {
  const directory = tempDirectory();
  const file = join(directory, 'started');
  const run = await startMonitored({
    directory,
    command: sh('exit 1'),
    ready: true,
    after: { ...DEFAULTS, argv: sh(`echo started > ${file}`) },
  });
  await until(() => run.state().phase === 'ended');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(hasEnded(run.monitor)).toBe(false);
  expect(exists(file)).toBe(false);
  setTakenCareOf(directory, false);
  run.ready();
  expect(await run.gone()).toMatchObject({ phase: 'ended', exitCode: 1 });
  expect(exists(file)).toBe(true);
});
