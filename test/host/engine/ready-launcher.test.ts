import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { type BoxOptions, createEngine, type LibraryEngine, type TsboxError } from '../../../core/index.js';
import { Launchers } from '../../../core/program/launchers.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { until } from '../../support/until.js';
import { childrenOf, look, ready } from './ready.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay');
const { directory, root, runroot } = tempRoot();
const image = `${directory}/image`;
beforeAll(() => void busyboxImage(image));
afterEach(() => void vi.restoreAllMocks());
afterEach(() => void vi.useRealTimers());
afterAll(() => {
  expect([...readdirSync(`${root}/containers`), ...readdirSync(`${runroot}/journal`)]).toEqual([]);
});

const open = () => createEngine({ root, runroot, network: 'none' });
async function sh(engine: LibraryEngine, script: string, more: Partial<BoxOptions> = {}): Promise<string> {
  const box = await engine.run({ image, command: ['sh', '-c', script], ...more });
  return (await box.result()).stdout;
}

const onlyReady = () => {
  const [one, ...others] = ready();
  expect(others).toEqual([]);
  return one?.pid as number;
};
/** Stopped, as a terminal or a debugger does it. */
async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await until(() => look(pid)?.state === 'T');
}

/** Launches until there is one. @returns its pid */
async function warmed(engine: LibraryEngine): Promise<number> {
  for (let launch = 0; launch < 2; launch++) await sh(engine, 'true');
  return onlyReady();
}
const descriptors = () => readdirSync('/proc/self/fd').length;

describe('the launcher that waits', () => {
  it('is there from the second launch on, one process, and gone with its engine', async () => {
    const children = childrenOf(process.pid).length;
    const fds = descriptors();
    const engine = await open();
    expect(await sh(engine, 'echo 1')).toBe('1\n');
    expect(ready()).toEqual([]);
    expect(await sh(engine, 'echo 2')).toBe('2\n');
    const pid = onlyReady();
    expect(pid).toBeGreaterThan(1);
    const held = descriptors();
    expect(await sh(engine, 'echo 3')).toBe('3\n');
    expect(await sh(engine, 'echo 4', { tty: true })).toBe('4\r\n');
    expect(onlyReady()).toBe(pid);
    expect(childrenOf(process.pid)).toHaveLength(children + 1);
    expect(descriptors()).toBe(held);
    // /dev/null, and the sockets over which it is told what to start and what to remove.
    expect(readdirSync(`/proc/${pid}/fd`).sort()).toEqual(['0', '1', '2', '3', '4']);
    await engine.close();
    expect(look(pid)).toBeUndefined();
    expect(childrenOf(process.pid)).toHaveLength(children);
    expect(descriptors()).toBe(fds);
  });

  it('forks thirty at once', async () => {
    await using engine = await open();
    const pid = await warmed(engine);
    const texts = await Promise.all(Array.from({ length: 30 }, (_, i) => sh(engine, `echo ${i}; sleep 0.05`)));
    expect(texts).toEqual(texts.map((_, i) => `${i}\n`));
    expect(onlyReady()).toBe(pid);
    expect(childrenOf(process.pid).filter(({ state }) => state === 'Z')).toEqual([]);
  });

  it('gives every kind of stream', async () => {
    await using engine = await open();
    for (let i = 0; i < 3; i++) {
      const box = await engine.run({ image, command: ['sh', '-c', 'tr a-z A-Z; echo err >&2'] });
      box.stdin?.end('text\n');
      expect(await box.result()).toMatchObject({ stdout: 'TEXT\n', stderr: 'err\n' });
      expect(await sh(engine, 'tty; test -t 1 && echo 1', { tty: true })).toBe('/dev/pts/0\r\n1\r\n');
      expect(await sh(engine, 'readlink /proc/self/fd/0', { stdio: ['ignore', 'pipe', 'pipe'] })).toBe('/dev/null\n');
    }
  });

  it('that was killed is replaced, and not left as a zombie', async () => {
    await using engine = await open();
    const killed = await warmed(engine);
    process.kill(killed, 'SIGKILL');
    await until(() => look(killed)?.state === 'Z');
    expect(await sh(engine, 'echo again')).toBe('again\n');
    expect(onlyReady()).not.toBe(killed);
    expect(look(killed)).toBeUndefined();
  });

  it('that is killed with a launch in its hands fails that launch alone', async () => {
    await using engine = await open();
    const killed = await warmed(engine);
    await stop(killed);
    const { start } = Launchers.prototype;
    const spy = vi.spyOn(Launchers.prototype, 'start').mockImplementation(function (this: Launchers, fds) {
      spy.mockRestore();
      const stageOne = start.call(this, fds);
      process.kill(killed, 'SIGKILL');
      return stageOne;
    });
    const failing = sh(engine, 'true').catch((error: TsboxError) => error);
    expect(await failing).toMatchObject({ code: expect.stringMatching(/^ERR_TSBOX_/), undoErrors: [] });
    expect(readdirSync(`${root}/containers`)).toEqual([]);
    expect(await sh(engine, 'echo again')).toBe('again\n');
    expect(look(killed)).toBeUndefined();
  });

  it('that was stopped goes on when it is needed, and when it is to end', async () => {
    await using engine = await open();
    const stopped = await warmed(engine);
    await stop(stopped);
    expect(await sh(engine, 'echo again')).toBe('again\n');
    await stop(stopped);
    await engine.close();
    expect(look(stopped)).toBeUndefined();
  });

  it('that cannot take the descriptors fails the launch, and is replaced', async () => {
    await using engine = await open();
    const full = await warmed(engine);
    execFileSync('prlimit', ['--pid', String(full), '--nofile=6:']);
    const fds = descriptors();
    const failed = await sh(engine, 'true').catch((error: TsboxError) => error);
    expect(failed).toMatchObject({ message: expect.stringContaining('EMFILE'), undoErrors: [] });
    expect(readdirSync(`${root}/containers`)).toEqual([]);
    expect(descriptors()).toBe(fds);
    expect(await sh(engine, 'echo again')).toBe('again\n');
    expect(onlyReady()).not.toBe(full);
  });

  it('is replaced after ten seconds', async () => {
    await using engine = await open();
    const first = await warmed(engine);
    const { now } = performance;
    let later = 9_000;
    vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + later);
    await sh(engine, 'true');
    expect(onlyReady()).toBe(first);
    later = 10_001;
    await sh(engine, 'true');
    expect(onlyReady()).not.toBe(first);
    expect(look(first)).toBeUndefined();
  });

  it('does not stay, nor its zombie, when the engine launches nothing more', async () => {
    await using engine = await open();
    await sh(engine, 'true');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await sh(engine, 'true');
    const pid = onlyReady();
    vi.advanceTimersByTime(9_999);
    expect(onlyReady()).toBe(pid);
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    expect(look(pid)).toBeUndefined();
    expect(await sh(engine, 'echo again')).toBe('again\n');
  });

  it('is not asked where the container stays in the cgroups of its engine', async () => {
    await using engine = await open();
    for (let i = 0; i < 3; i++) expect(await sh(engine, 'echo up', { resources: 'none' })).toBe('up\n');
    expect(ready()).toEqual([]);
  });

  it('honours another working directory', async () => {
    await using engine = await open();
    const before = process.cwd();
    try {
      for (const name of ['one', 'two', 'three']) {
        mkdirSync(join(directory, name));
        writeFileSync(join(directory, name, 'file'), name);
        process.chdir(join(directory, name));
        expect(await sh(engine, 'cat /in; pwd', { volume: ['./file:/in'] })).toBe(`${name}/\n`);
      }
    } finally {
      process.chdir(before);
    }
  });
});
