import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ResourceDriver, ResourceSpec, Running } from '../../core/plugin/index.js';
import { type BenchLaunch, gate, host, startIn } from './resources-bench.js';
import { directoriesOf, type Prepared } from './resources-limits.js';

const MIB = 2 ** 20;

/** A driver that has all methods for containers that run. */
type Complete = ResourceDriver & Required<Pick<ResourceDriver, (typeof METHODS)[number]>>;

const METHODS = ['freeze', 'thaw', 'isFrozen', 'processes', 'stats', 'update', 'killAll', 'memoryEvents'] as const;

export function holdsRunning(driver: ResourceDriver): driver is Complete {
  return METHODS.every((method) => driver[method] !== undefined);
}

/** What is done to a container that runs. */
export function describeRunning(driver: Complete, prepared: Prepared): void {
  /** Runs a script until the cgroup has as many processes as are waited for. */
  const started = async (script: string, count: number, limits: Partial<ResourceSpec> = {}) => {
    const launch = await prepared(limits);
    const { pid, wait } = startIn(driver, launch, script);
    const running = runningOf(launch, pid);
    while (driver.processes(running).length < count) await sleep(5);
    return { launch, running, wait };
  };

  it('freeze: nothing of it uses CPU time any more, until it is thawed', async () => {
    const { running, wait } = await started('while :; do :; done & while :; do :; done', 2);
    const used = () => driver.stats(running).cpu?.usageNs ?? 0;
    await driver.freeze(running);
    expect(driver.isFrozen(running)).toBe(true);
    const frozen = used();
    await sleep(100);
    expect(used() - frozen).toBeLessThan(2_000_000);
    await driver.thaw(running);
    expect(driver.isFrozen(running)).toBe(false);
    await driver.thaw(running);
    while (used() - frozen < 20_000_000) await sleep(5);
    await driver.killAll(running);
    wait();
  });

  it('processes: those of the container and no other', async () => {
    const { running, wait } = await started('sleep 60 & sleep 60 & exec sleep 60', 3);
    const names = () => driver.processes(running).map((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8'));
    while (names().some((name) => name !== 'sleep\n')) await sleep(5);
    expect(names()).toEqual(['sleep\n', 'sleep\n', 'sleep\n']);
    expect(driver.processes(running)).toContain(running.pid);
    await driver.killAll(running);
    expect(driver.processes(running)).toEqual([]);
    wait();
  });

  it('killAll: also those that left the session, fork, ignore signals, and are frozen', async () => {
    const script =
      'trap "" TERM INT HUP; for i in 1 2 3; do setsid sleep 60 & (while :; do /bin/true; done) & done; wait';
    const { running, wait } = await started(script, 7);
    await driver.freeze(running);
    await driver.killAll(running);
    expect(driver.processes(running)).toEqual([]);
    expect(wait().status).toEqual({ exitCode: null, signal: 9 });
    await driver.killAll(running);
  });

  it('stats: what it uses, and its limits', async () => {
    const { running, wait } = await started('sleep 60 & exec sleep 60', 2, { memory: 64 * MIB, pidsLimit: 20 });
    const { memory, pids, cpu, io } = driver.stats(running);
    expect(memory?.limit).toBe(64 * MIB);
    expect(memory?.usage).toBeGreaterThan(0);
    expect(memory?.usage).toBeLessThan(16 * MIB);
    expect(pids).toEqual({ current: 2, limit: 20 });
    expect(cpu?.usageNs).toBeGreaterThan(0);
    expect(io).toEqual({ read: expect.any(Number), written: expect.any(Number) });
    await driver.killAll(running);
    wait();
  });

  it('stats: without limits there are none', async () => {
    const { running, wait } = await started('exec sleep 60', 1);
    const { memory, pids } = driver.stats(running);
    expect([memory?.limit, pids?.limit]).toEqual([undefined, undefined]);
    await driver.killAll(running);
    wait();
  });

  it('stats: a quota that is used up throttles, and that is counted', async () => {
    const { running, wait } = await started('while :; do :; done', 1, { cpus: 0.1 });
    while ((driver.stats(running).cpu?.throttledPeriods ?? 0) === 0) await sleep(20);
    expect(driver.stats(running).cpu?.throttledNs).toBeGreaterThan(0);
    await driver.killAll(running);
    wait();
  });

  it('update: up and down, and the facts follow', async () => {
    const { launch, running, wait } = await started('exec sleep 60', 1, { memory: 64 * MIB });
    let now = running;
    const update = async (resources: Partial<ResourceSpec>) => {
      const after = { ...now.resources, ...resources };
      const { facts } = await driver.update(now, after);
      now = { ...now, resources: after, facts };
      const { memory, pids } = driver.stats(now);
      return [memory?.limit, pids?.limit];
    };
    expect(await update({ memory: 512 * MIB, pidsLimit: 30 })).toEqual([512 * MIB, 30]);
    expect(await update({ memory: 32 * MIB })).toEqual([32 * MIB, 30]);
    expect(await update({ memory: 256 * MIB, memorySwap: -1 })).toEqual([256 * MIB, 30]);
    expect(await update({ memory: 128 * MIB, memorySwap: 128 * MIB })).toEqual([128 * MIB, 30]);
    expect(await update({ pidsLimit: -1, cpus: 0.5, cpuShares: 512, cpusetCpus: '0' })).toEqual([128 * MIB, undefined]);
    const { limits } = now.facts as { limits: string[] };
    for (const limit of limits) {
      const [file, value] = limit.split('=') as [string, string];
      expect(readIn(launch, file), limit).toBe(value);
    }
    await driver.killAll(now);
    wait();
  });

  it('update: one that cannot be had leaves all as they were', async () => {
    const script = 'head -c 40m /dev/zero | tail -c 40m | (sleep 60; cat > /dev/null)';
    const { running, wait } = await started(script, 3, { memory: 128 * MIB, memorySwap: 128 * MIB, pidsLimit: 20 });
    while ((driver.stats(running).memory?.usage ?? 0) < 40 * MIB) await sleep(5);
    const { resources } = running;
    const refused = { ...resources, pidsLimit: 30, memory: 8 * MIB, memorySwap: 8 * MIB };
    await expect(driver.update(running, refused)).rejects.toThrow(/cannot enforce --memory: the container uses/);
    await expect(driver.update(running, { ...resources, cpusetCpus: '9999' })).rejects.toThrow('--cpuset-cpus');
    const { memory, pids } = driver.stats(running);
    expect([memory?.limit, pids?.limit]).toEqual([128 * MIB, 20]);
    expect(driver.processes(running).length).toBeGreaterThanOrEqual(3);
    await driver.killAll(running);
    wait();
  });

  it('update: undo puts back what was', async () => {
    const { running, wait } = await started('exec sleep 60', 1, { memory: 64 * MIB });
    const { undo } = await driver.update(running, { ...running.resources, memory: 256 * MIB, pidsLimit: 9 });
    undo();
    const { memory, pids } = driver.stats(running);
    expect([memory?.limit, pids?.limit]).toEqual([64 * MIB, undefined]);
    await driver.killAll(running);
    wait();
  });

  it('memoryEvents: counts what the kernel killed', async () => {
    const launch = await prepared({ memory: 32 * MIB, memorySwap: 32 * MIB });
    const text = () => readFileSync(driver.memoryEvents(launch) as string, 'utf8');
    expect(text()).toMatch(/^oom_kill 0$/m);
    startIn(driver, launch, 'head -c 64m /dev/zero | tail -c 64m > /dev/null').wait();
    expect(text()).toMatch(/^oom_kill [1-9]\d*$/m);
    expect(text().length).toBeLessThan(448);
  });
}

function runningOf(launch: BenchLaunch, pid: number): Running {
  const [facts = {}] = Object.values(launch.facts);
  return {
    id: launch.id,
    pid,
    resources: launch.spec.resources,
    facts,
    gate,
    host,
    paths: { root: '/', runroot: '/' },
  };
}

function readIn(launch: BenchLaunch, file: string): string {
  const paths = directoriesOf(launch).map((directory) => `${directory}/${file}`);
  return readFileSync(paths.find((path) => existsSync(path)) as string, 'utf8').trim();
}
