import { expect, it } from 'vitest';
import type { RunSettings } from '../../core/config/run-options.js';
import type { ResourceSpec } from '../../core/plugin/index.js';
import { LONG, type Stage } from './stage.js';

const REQUESTS: readonly (readonly [keyof ResourceSpec, RunSettings])[] = [
  ['memory', { memory: '64m' }],
  ['pidsLimit', { pidsLimit: '32' }],
  ['cpuShares', { cpuShares: '512' }],
];

/** What launches with the driver have of their limits. */
export function describeResourceLaunches(stage: Stage): void {
  it.each(REQUESTS)('takes a limit of %s exactly if it says so', LONG, async (limit, settings) => {
    const { capabilities } = await stage.driver('resources');
    const launch = stage.run('true', settings);
    if (capabilities.limits.includes(limit)) return void expect(await launch).toMatchObject({ status: 0 });
    await expect(launch).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_TSBOX_/) });
  });

  it('holds what is executed in a container later exactly if it has an entrance', LONG, async () => {
    const { entrance } = await stage.driver('resources');
    await using engine = stage.engine();
    const box = await engine.run({ image: stage.image, command: ['sh', '-c', 'read line'], name: 'entered' });
    const entered = engine.exec('entered', { command: ['true'] });
    if (entrance) expect(await (await entered).wait()).toMatchObject({ status: 0 });
    else await expect(entered).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_TSBOX_/) });
    box.stdin?.end('\n');
    expect(await box.wait()).toMatchObject({ status: 0 });
  });
}
