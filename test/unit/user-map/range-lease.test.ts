import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject, Launch, Step } from '../../../core/plugin/index.js';
import { leaseSlot, releaseRange } from '../../../plugins/user-map/range-lease.js';

const slots = [0, 1, 2].map((index) => ({ uid: 1000 + index, gid: 2000 + index, size: 1 }));

describe('leases of id ranges', () => {
  let runroot: string;
  const undo: JsonObject[] = [];
  const held = () => readdirSync(join(runroot, 'userns')).sort();
  const launchOf = (id: string, planning = false): Launch => {
    const step = async <T>({ run, dry, undo: taken }: Step<T>): Promise<T> => {
      if (planning) return dry?.() as T;
      if (taken) undo.push(taken.args);
      return run();
    };
    return { id, paths: { runroot }, step } as unknown as Launch;
  };

  beforeEach(() => {
    runroot = mkdtempSync(join(tmpdir(), 'tsbox-lease-'));
    undo.length = 0;
  });
  afterEach(() => {
    rmSync(runroot, { recursive: true });
  });

  test('are exactly as many as there are ranges', async () => {
    const ids = ['00000000a', '00000000b', '00000000c', '00000000d'];
    const results = await Promise.allSettled(ids.map((id) => leaseSlot(launchOf(id), slots)));
    const taken = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.uid] : []));
    expect(taken.sort()).toEqual([1000, 1001, 1002]);
    expect(results.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'ERR_TSBOX_NOT_ENFORCEABLE' } });
  });

  test('begin the search at a place that the id chooses', async () => {
    expect((await leaseSlot(launchOf('00000002'), slots)).uid).toBe(1002);
    expect((await leaseSlot(launchOf('00000002f'), slots)).uid).toBe(1000);
  });

  test('are given back by their owner, any number of times, and by nobody else', async () => {
    await leaseSlot(launchOf('00000000a'), slots);
    releaseRange({ ...undo[0], owner: 'somebody else' });
    expect(held()).toEqual(['1000:2000']);
    releaseRange(undo[0] ?? {});
    releaseRange(undo[0] ?? {});
    expect(held()).toEqual([]);
  });

  test('that another one was faster to take leave nothing to give back', async () => {
    mkdirSync(join(runroot, 'userns'));
    const launch = launchOf('00000000a');
    const racing = {
      ...launch,
      step: async <T>(step: Step<T>): Promise<T> => {
        if (held().length === 0) symlinkSync('faster', join(runroot, 'userns/1000:2000'));
        return launch.step(step);
      },
    };
    expect((await leaseSlot(racing as Launch, slots)).uid).toBe(1001);
    for (const args of undo) releaseRange(args);
    expect(held()).toEqual(['1000:2000']);
  });

  test('are not taken by a plan', async () => {
    expect((await leaseSlot(launchOf('00000000a', true), slots)).uid).toBe(1000);
    expect(readdirSync(runroot)).toEqual([]);
  });
});
