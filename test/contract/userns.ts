import { readlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { PluginDefinition } from '../../core/plugin/index.js';
import { describeSubject } from './describe-subject.js';
import { LONG, type Stage } from './stage.js';
import { type DriverDescription, Subject } from './subject.js';

/**
 * What every driver of kind `userns` must do, on this machine's kernel, and that everything is taken back
 * whatever fails. To be called in a vitest file. Needs root and busybox-static.
 */
export function describeUsernsDriver(plugin: PluginDefinition, description: DriverDescription): void {
  describeSubject(new Subject(plugin, description, 'userns'), [], describeUsernsBehaviour);
}

function describeUsernsBehaviour(stage: Stage): void {
  it('gives the container a user namespace exactly if the plan says so', LONG, async () => {
    const { stdout, trace } = await stage.run('readlink /proc/self/ns/user');
    const clone = trace.find(({ action }) => action === 'clone3');
    expect(/NEWUSER/.test(`${clone?.target} ${clone?.note}`)).toBe(
      stdout.trim() !== readlinkSync('/proc/self/ns/user'),
    );
  });

  it('maps root inside, who owns the root file system and may write to it', LONG, async () => {
    const { stdout, status } = await stage.run(
      "id -u; stat -c '%u:%g' / /bin/busybox; touch /written && stat -c %u /written",
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: '0\n0:0\n0:0\n0\n' });
  });

  it('writes maps that do not overlap and hold the first process', LONG, async () => {
    const { stdout } = await stage.run('cat /proc/self/uid_map; echo; cat /proc/self/gid_map');
    for (const map of stdout.split('\n\n')) {
      const lines = map
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]);
      expect(lines.some(([inside, , size]) => inside === 0 && size > 0)).toBe(true);
      const ends = lines.map(([, outside, size]) => [outside, outside + size] as const).sort(([a], [b]) => a - b);
      for (const [index, [start]] of ends.entries()) expect(start).toBeGreaterThanOrEqual(ends[index - 1]?.[1] ?? 0);
    }
  });
}
