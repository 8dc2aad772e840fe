import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freezeCgroup, isCgroupFrozen, thawCgroup } from '../../../core/kernel/cgroup-freezer.js';
import {
  applyLimits,
  changedWrites,
  counterOf,
  type LimitWrite,
  type ResourceSpec,
  readLimit,
  withoutInactive,
} from '../../../core/plugin/index.js';
import { wasOomKilled } from '../../../core/state/containers.js';
import { inMemoryOrder, v1Writes } from '../../../plugins/cgroup-v1/v1-limits.js';
import { parseServiceBytes } from '../../../plugins/cgroup-v1/v1-sample.js';
import { v2Writes } from '../../../plugins/cgroup-v2/v2-limits.js';
import { parseIoStat } from '../../../plugins/cgroup-v2/v2-sample.js';

const MIB = 2 ** 20;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tsbox-cgroup-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const file = (name: string, text: string) => writeFileSync(join(directory, name), text);
const read = (name: string) => readFileSync(join(directory, name), 'utf8').trim();

describe('texts of the kernel', () => {
  it('count bytes of every device', () => {
    const v1 = '8:0 Read 4096\n8:0 Write 512\n8:0 Sync 4608\n8:0 Total 4608\n8:16 Read 1\n8:16 Write 2\nTotal 4611\n';
    expect(parseServiceBytes(v1)).toEqual({ read: 4097, written: 514 });
    expect(parseServiceBytes('Total 0\n')).toEqual({ read: 0, written: 0 });
    const v2 = '8:0 rbytes=4096 wbytes=512 rios=1 wios=1 dbytes=7 dios=0\n8:16 rbytes=1 wbytes=2 rios=1 wios=1\n';
    expect(parseIoStat(v2)).toEqual({ read: 4097, written: 514 });
    expect(parseIoStat('')).toEqual({ read: 0, written: 0 });
  });

  it('have counters by their whole names', () => {
    expect(counterOf('inactive_file 5\ntotal_inactive_file 7\n', 'total_inactive_file')).toBe(7);
    expect(counterOf('inactive_file 5\ntotal_inactive_file 7\n', 'inactive_file')).toBe(5);
    expect(counterOf('', 'inactive_file')).toBe(0);
  });

  it('say "no limit" in two ways', () => {
    file('v1', '9223372036854771712\n');
    file('v2', 'max\n');
    file('some', '67108864\n');
    expect(['v1', 'v2', 'some', 'none'].map((name) => readLimit(join(directory, name)))).toEqual([
      undefined,
      undefined,
      64 * MIB,
      undefined,
    ]);
  });

  it('of both versions tell whether something was killed', () => {
    expect(wasOomKilled('oom_kill_disable 0\nunder_oom 0\noom_kill 0\n')).toBe(false);
    expect(wasOomKilled('oom_kill_disable 0\nunder_oom 0\noom_kill 2\n')).toBe(true);
    expect(wasOomKilled('low 0\nhigh 0\nmax 12\noom 1\noom_kill 0\noom_group_kill 0\n')).toBe(false);
    expect(wasOomKilled('low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\noom_group_kill 0\n')).toBe(true);
    expect(wasOomKilled('')).toBe(false);
  });

  it('memory is shown without what is given up first, never below nothing', () => {
    expect([withoutInactive(100, 30), withoutInactive(100, 100), withoutInactive(100, 200)]).toEqual([70, 100, 100]);
  });
});

describe('an update', () => {
  const spec = (limits: Partial<ResourceSpec>): ResourceSpec => ({ devices: [], ...limits });
  const texts = (writes: readonly LimitWrite[]) => writes.map(({ file: name, value }) => `${name}=${value}`);

  it('writes what changes and what depends on it', () => {
    const before = spec({ memory: 64 * MIB, memorySwap: 96 * MIB, cpus: 1, pidsLimit: 5 });
    const changed = (more: Partial<ResourceSpec>) => {
      const after = { ...before, ...more };
      return texts(changedWrites(v2Writes(after), before, after));
    };
    expect(changed({ cpus: 0.5 })).toEqual(['cpu.max=50000 100000']);
    expect(changed({ memory: 80 * MIB })).toEqual([`memory.max=${80 * MIB}`, `memory.swap.max=${16 * MIB}`]);
    expect(changed({ pidsLimit: -1 })).toEqual(['pids.max=max']);
    expect(changed({})).toEqual([]);
  });

  it('in v1 raises memory and swap together first, when memory would be above it', () => {
    file('memory.memsw.limit_in_bytes', String(128 * MIB));
    const order = (memory: number) =>
      texts(inMemoryOrder(v1Writes(spec({ memory })).map((write) => ({ directory, write }))).map(({ write }) => write));
    expect(order(64 * MIB)[0]).toMatch(/^memory.limit_in_bytes=/);
    expect(order(256 * MIB)[0]).toMatch(/^memory.memsw.limit_in_bytes=/);
    file('memory.memsw.limit_in_bytes', '9223372036854771712');
    expect(order(256 * MIB)[0]).toMatch(/^memory.limit_in_bytes=/);
  });

  it('that fails puts back what it had written', () => {
    file('pids.max', 'max');
    file('cpu.max', '50000 100000');
    const write = (name: string, value: string, holds: boolean): LimitWrite => ({
      limit: 'pidsLimit',
      controller: 'pids',
      file: name,
      value,
      verify: { file: name, holds: () => holds },
    });
    const good = { directory, write: write('pids.max', '7', true) };
    expect(() => applyLimits([good, { directory, write: write('cpu.max', '1 2', false) }])).toThrow(/--pids-limit/);
    expect([read('pids.max').slice(0, 3), read('cpu.max').slice(0, 12)]).toEqual(['max', '50000 100000']);
    expect(() => applyLimits([good, { directory, write: write('nosuch', '1', true) }])).toThrow(/no nosuch/);
    expect(read('pids.max').slice(0, 3)).toBe('max');
    const undo = applyLimits([good]);
    undo();
    expect(read('pids.max').slice(0, 3)).toBe('max');
  });
});

describe('a freezer', () => {
  it('that does not come to it is undone', async () => {
    file('cgroup.freeze', '0');
    file('cgroup.events', 'populated 1\nfrozen 0\n');
    expect(await freezeCgroup(directory, 30)).toBe(false);
    expect(read('cgroup.freeze')).toBe('0');
  });

  it('of v1 on the way is neither frozen nor thawed', () => {
    file('freezer.state', 'FREEZING\n');
    expect(isCgroupFrozen(directory)).toBe(false);
  });

  it('that something above holds is not reported as thawed', async () => {
    file('cgroup.freeze', '1');
    file('cgroup.events', 'populated 1\nfrozen 1\n');
    expect(await thawCgroup(directory, 30)).toBe(false);
    file('cgroup.events', 'populated 1\nfrozen 0\n');
    expect(await thawCgroup(directory, 30)).toBe(true);
  });
});
