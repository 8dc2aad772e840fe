import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect } from 'vitest';
import { createEngine } from '../../../core/index.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');
const { directory, root, runroot } = tempRoot();
const engine = await createEngine({ root, runroot, network: 'none' });
afterAll(() => engine.close());

const image = `${directory}/image`;
beforeAll(() => void busyboxImage(image));

/** Bytes that JavaScript holds once all garbage is collected: what a leak would add to. */
function heldMemory(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

const descriptors = () => readdirSync('/proc/self/fd').length;

describe('many containers from one process', () => {
  it('500 one after another all work, and hold no descriptor and no memory', async () => {
    const launch = async (number: number) => {
      const box = await engine.run({ image, command: ['echo', String(number)], stdio: 'pipe' });
      const { stdout, undoErrors } = await box.result();
      expect([stdout, undoErrors]).toEqual([`${number}\n`, []]);
    };
    for (let i = 0; i < 50; i++) await launch(i);
    const fds = descriptors();
    const held = heldMemory();
    for (let i = 50; i < 500; i++) await launch(i);
    expect(descriptors()).toBe(fds);
    // Less than 5 kB each: one launch's program alone has 50, and its plan as much again.
    expect(heldMemory() - held).toBeLessThan(450 * 5_000);
    expect(readdirSync(`${root}/containers`)).toEqual([]);
  }, 180_000);

  it('50 at once all work', async () => {
    const launch = async (number: number) => {
      const box = await engine.run({
        image,
        command: ['sh', '-c', `echo ${number} > /file; sleep 0.2; cat /file; hostname`],
      });
      return box.result();
    };
    const results = await Promise.all(Array.from({ length: 50 }, (_, number) => launch(number)));
    expect(results.map(({ stdout }) => stdout.split('\n')[0])).toEqual(results.map((_, number) => String(number)));
    expect(new Set(results.map(({ stdout }) => stdout.split('\n')[1])).size).toBe(50);
    expect(results.flatMap(({ undoErrors }) => undoErrors)).toEqual([]);
  }, 180_000);
});
