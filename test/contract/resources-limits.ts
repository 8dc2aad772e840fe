import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { PluginDefinition, ResourceDriver, ResourceSpec } from '../../core/plugin/index.js';
import { type BenchLaunch, startIn, undoAll } from './resources-bench.js';

const MIB = 2 ** 20;

export type Prepared = (limits?: Partial<ResourceSpec>, more?: object) => Promise<BenchLaunch>;

/** Limits hold, and what is asked for is what the kernel has. */
export function describeLimits(driver: ResourceDriver, prepared: Prepared): void {
  it('memory: the kernel kills what takes more, and the outcome says so', async () => {
    const launch = await prepared({ memory: 64 * MIB, memorySwap: 64 * MIB });
    const { status } = startIn(driver, launch, 'head -c 100m /dev/zero | tail -c 100m > /dev/null; exit 3').wait();
    expect(status).toEqual({ exitCode: 3, signal: null });
    const outcome = driver.outcome?.(launch, status);
    expect(outcome?.oomKilled).toBe(true);
    expect(outcome?.explanation).toMatch(/out of memory: .* memory limit of 64 MiB$/);
  });

  it('memory: a program that takes less is left alone', async () => {
    const launch = await prepared({ memory: 64 * MIB });
    const { status, output } = startIn(driver, launch, 'head -c 20m /dev/zero | tail -c 20m | wc -c').wait();
    expect(output).toBe(`${20 * MIB}\n`);
    expect(driver.outcome?.(launch, status)).toEqual({ oomKilled: false });
  });

  it('a pids limit of 0 means one process', async () => {
    const { output } = startIn(driver, await prepared({ pidsLimit: 0 }), 'echo one; /bin/true; echo two').wait();
    expect(output).toMatch(/^one\n.*fork/i);
    expect(output).not.toMatch(/two/);
  });

  it('a pids limit of 3 allows three', async () => {
    const script = 'sleep 0.2 & sleep 0.2 & sleep 0.2 & wait; echo end';
    const { output } = startIn(driver, await prepared({ pidsLimit: 3 }), script).wait();
    expect(output).toMatch(/fork/i);
    expect(startIn(driver, await prepared({ pidsLimit: 4 }), script).wait().output).toBe('end\n');
  });

  it('all limits at once are written where the kernel reads them', async () => {
    const launch = await prepared({
      memory: 64 * MIB,
      memorySwap: -1,
      memoryReservation: 32 * MIB,
      cpus: 0.5,
      cpuShares: 2048,
      cpusetCpus: '0',
      cpusetMems: '0',
      pidsLimit: 7,
    });
    expect(startIn(driver, launch, 'taskset -pc $$').wait().output).toMatch(/list: 0$/m);
    const [{ limits }] = Object.values(launch.facts) as [{ limits: string[] }];
    expect(limits.length).toBeGreaterThanOrEqual(8);
    for (const limit of limits) {
      const [file, value] = limit.split('=') as [string, string];
      const path = directoriesOf(launch)
        .map((directory) => `${directory}/${file}`)
        .find((candidate) => existsSync(candidate));
      const found = readFileSync(path as string, 'utf8').trim();
      // Unlimited memory reads as the largest number of pages in v1.
      expect(value === '-1' ? found.length : found, limit).toEqual(value === '-1' ? 19 : value);
    }
  });

  it('devices: the default ones open, others do not, and all nodes may be made', async () => {
    const script = [
      'for d in null zero full random urandom; do head -c 1 /dev/$d > /dev/null && echo $d; done',
      'dir=$(mktemp -d); mknod $dir/kmsg c 1 11 && echo made; head -c 1 $dir/kmsg > /dev/null; rm -r $dir',
    ].join('; ');
    const { output } = startIn(driver, await prepared(), script).wait();
    expect(output).toMatch(/^null\nzero\nfull\nrandom\nurandom\nmade\n.*not permitted/);
  });

  it('devices: what was asked for opens, with the access that was asked for', async () => {
    const device = { source: '/dev/kmsg', target: '/dev/kmsg', access: 'w' };
    const script = 'exec 5> /dev/kmsg && echo write; exec 6< /dev/kmsg';
    const { output } = startIn(driver, await prepared({ devices: [device] }), script).wait();
    expect(output).toMatch(/^write\n.*not permitted/);
  });

  it('devices: a privileged container may use all', async () => {
    const security = { privileged: true, capAdd: [], capDrop: [] };
    const launch = await prepared({}, { spec: { security, resources: { devices: [] } } });
    expect(startIn(driver, launch, 'exec 5> /dev/kmsg && echo open').wait().output).toBe('open\n');
  });
}

/** The cgroup holds the container wholly, and goes wholly. */
export function describeCgroup(driver: ResourceDriver, plugin: PluginDefinition, prepared: Prepared): void {
  it('holds the container in every hierarchy, and is the root of its cgroup namespace', async () => {
    const launch = await prepared();
    const running = startIn(driver, launch, 'cat /proc/self/cgroup');
    const { output } = running.wait();
    const paths = output
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\d+:[^:]*:/, ''));
    expect(new Set(paths)).toEqual(new Set(['/']));
  });

  it('is seen from outside as tsbox/<id>', async () => {
    const launch = await prepared({}, { namespaces: new Set(['mount']) });
    const running = startIn(driver, launch, 'exec sleep 1');
    const comm = () => readFileSync(`/proc/${running.pid}/comm`, 'utf8');
    while (comm() !== 'sleep\n') await sleep(5);
    const text = readFileSync(`/proc/${running.pid}/cgroup`, 'utf8').trim();
    running.wait();
    for (const line of text.split('\n')) expect(line).toMatch(new RegExp(`:/tsbox/${launch.id}$`));
    expect(text.split('\n')).toHaveLength(directoriesOf(launch).length);
  });

  it('takes its processes with it, however many they are', async () => {
    const launch = await prepared();
    const forking = 'for i in 1 2 3 4 5; do setsid sleep 60 & (while :; do /bin/true; done) & done; wait';
    const running = startIn(driver, launch, forking);
    await sleep(200);
    await undoAll(plugin, launch);
    expect(running.wait().status).toEqual({ exitCode: null, signal: 9 });
  });

  it('is taken back when it was only half made', async () => {
    const launch = await prepared();
    const [first] = directoriesOf(launch);
    rmdirSync(first as string);
    await undoAll(plugin, launch);
    expect(existsSync(first as string)).toBe(false);
  });

  it('has cgroups below it removed too', async () => {
    const launch = await prepared();
    const directories = directoriesOf(launch);
    for (const directory of directories) mkdirSync(`${directory}/a/b`, { recursive: true });
    await undoAll(plugin, launch);
    expect(directories.filter((directory) => existsSync(directory))).toEqual([]);
  });

  it('of somebody else is never touched: a journal names containers only', async () => {
    const undo = plugin.undo?.['remove-cgroups'];
    for (const directory of [
      '/sys/fs/cgroup/memory',
      '/sys/fs/cgroup/tsbox',
      `/sys/fs/cgroup/tsbox/../x/tsbox/${'a'.repeat(64)}`,
    ]) {
      await expect(async () => undo?.({ directories: [directory] }, {} as never)).rejects.toThrow(
        /not cgroups of a container/,
      );
    }
  });
}

/** The cgroups that a launch has made. */
export function directoriesOf(launch: BenchLaunch): string[] {
  return launch.undone.flatMap(({ args }) => args.directories as string[]);
}
