import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { createEngine } from '../../../core/index.js';
import { skipUnless } from '../../support/skip.js';
import { lifecycleBench } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox');
const { done, image, root, runroot } = lifecycleBench();

const COUNT = 1000;
const AT_ONCE = 16;
const MINUTES = 5;

/** Does something to all, some at once. */
async function each<Item>(items: readonly Item[], act: (item: Item) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return (performance.now() - start) / 1000;
}

/** Kilobytes of a process that nobody shares, and its part of what is shared. */
function proportionalSize(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1]);
}

function usedMemory(): number {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]);
  return kilobytes('MemTotal') - kilobytes('MemAvailable');
}

describe('a thousand detached containers at once', () => {
  it(
    'are started, listed, stopped and removed, and nothing is left',
    async () => {
      await using engine = await createEngine({ root, runroot, network: 'none' });
      const before = usedMemory();
      const names = Array.from({ length: COUNT }, (_, index) => `box${index}`);
      const started = await each(names, (name) => engine.runDetached({ image, name, command: ['sleep', '3600'] }));
      const whole = (usedMemory() - before) / COUNT;
      const ids = (await done('ps', '-q', '--no-trunc')).split('\n');
      expect(new Set(ids).size).toBe(COUNT);
      const monitors = ids.map((id) => {
        const { owner } = JSON.parse(readFileSync(`${root}/containers/${id}/container.json`, 'utf8'));
        return proportionalSize(owner.pid);
      });
      const largest = Math.max(...monitors);
      const mean = monitors.reduce((sum, size) => sum + size, 0) / COUNT;
      const handles = await Promise.all(ids.map((id) => engine.container(id)));
      const stopped = await each(handles, (box) => box.stop({ timeout: 0 }));
      expect(await done('ps', '-q')).toBe('');
      const removed = await each(handles, (box) => box.remove());
      console.log(
        `${COUNT} containers: started in ${started.toFixed(1)} s, stopped in ${stopped.toFixed(1)} s, ` +
          `removed in ${removed.toFixed(1)} s; monitor ${mean.toFixed(0)} kB on average, ${largest} kB at most; ` +
          `${whole.toFixed(0)} kB of the machine per container, its own process and the kernel's part in it`,
      );
      expect(largest).toBeLessThan(1024);
      for (const path of ['containers', 'names']) expect(readdirSync(`${root}/${path}`)).toEqual([]);
      for (const path of ['journal', 'live']) expect(readdirSync(`${runroot}/${path}`)).toEqual([]);
    },
    MINUTES * 60_000,
  );
});
