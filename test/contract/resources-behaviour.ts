import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type PluginDefinition,
  REMOVE_CGROUPS,
  type ResourceDriver,
  type ResourceSpec,
  readCgroupLayout,
  TsboxError,
} from '../../core/plugin/index.js';
import { skipInapplicable } from './inapplicable.js';
import { type BenchLaunch, benchLaunch, prepareOn, startIn, undoAll } from './resources-bench.js';
import { describeCgroup, describeLimits, directoriesOf } from './resources-limits.js';
import { describeRunning, holdsRunning } from './resources-running.js';

const MIB = 2 ** 20;
const PARENTS = readCgroupLayout().hierarchies.map((one) => `${one.mountpoint}/tsbox`);

/** What every driver of kind `resources` holds. @param driver of an engine that is closed afterwards */
export function describeResourceBehaviour(plugin: PluginDefinition, driver: ResourceDriver): void {
  describe('limits and what becomes of them', () => {
    const launches: BenchLaunch[] = [];
    const enforces = (limit: keyof ResourceSpec) => driver.capabilities.limits.includes(limit);
    const launchOf = (limits: Partial<ResourceSpec> = {}, more: object = {}) => {
      const launch = benchLaunch(limits, more);
      launches.push(launch);
      return launch;
    };
    const prepared = async (...args: Parameters<typeof launchOf>) => {
      const launch = launchOf(...args);
      driver.validate?.(launch);
      await prepareOn(driver, launch);
      return launch;
    };

    afterEach(async () => {
      for (const launch of launches.splice(0)) await undoAll(plugin, launch);
    });

    it('runs a container that asks for nothing', async () => {
      const running = startIn(driver, await prepared(), 'echo ok');
      expect(running.wait()).toEqual({ status: { exitCode: 0, signal: null }, output: 'ok\n' });
    });

    it('changes nothing in a plan, and lists what it would do', async () => {
      const before = PARENTS.map(list);
      const launch = launchOf({}, { planning: true });
      await prepareOn(driver, launch);
      expect(PARENTS.map(list)).toEqual(before);
      expect(launch.undone).toEqual([]);
      if (enforces('memory')) expect(launch.steps.length).toBeGreaterThan(0);
    });

    it('refuses, before anything happens, what it does not enforce', () => {
      const asked = {
        memory: 64 * MIB,
        cpus: 0.5,
        pidsLimit: 5,
        cpuShares: 5,
        cpusetCpus: '0',
        cpusetMems: '0',
      } as const;
      if (!driver.validate) return;
      for (const [limit, value] of Object.entries(asked) as ['memory', number][]) {
        if (enforces(limit)) continue;
        expect(() => driver.validate?.(launchOf({ [limit]: value })), limit).toThrow(TsboxError);
      }
    });

    it('refuses, before anything happens, what is out of range', (context) => {
      skipInapplicable(context, !driver.validate, 'it leaves that to the engine');
      for (const limits of [{ memory: MIB }, { cpus: 4096 }, { cpusetCpus: '8000' }, { pidsLimit: -7 }]) {
        expect(() => driver.validate?.(launchOf(limits)), JSON.stringify(limits)).toThrow(TsboxError);
      }
    });

    it('is taken back as often as one likes, and leaves no directory', async (context) => {
      skipInapplicable(context, !plugin.undo?.[REMOVE_CGROUPS], 'it makes no cgroups');
      const launch = await prepared();
      const directories = directoriesOf(launch);
      await undoAll(plugin, launch);
      await undoAll(plugin, launch);
      expect(directories.filter((directory) => existsSync(directory))).toEqual([]);
      expect(
        directories.map(dirname).filter((parent) => existsSync(parent) && readdirSync(parent).includes(launch.id)),
      ).toEqual([]);
    });

    if (!enforces('memory') || !plugin.undo?.[REMOVE_CGROUPS]) return;
    const limited = () => describeLimits(driver, prepared);
    describe('limits', limited);
    describe('the cgroup', () => describeCgroup(driver, plugin, prepared));
    if (holdsRunning(driver)) describe('while it runs', () => describeRunning(driver, prepared));
  });
}

function list(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}
