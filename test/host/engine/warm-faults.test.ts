import { readdirSync } from 'node:fs';
import { afterEach, beforeAll, expect, vi } from 'vitest';
import { createEngine, type LibraryEngine, TsboxError } from '../../../core/index.js';
import { SyscallError } from '../../../core/kernel/error.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { ready } from './ready.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay');
const { directory, root, runroot } = tempRoot();
const image = `${directory}/image`;
beforeAll(() => void busyboxImage(image));
afterEach(() => void vi.restoreAllMocks());

const EMFILE = 24;
const descriptors = () => readdirSync('/proc/self/fd').length;

/** @param started when the command runs: what fails later is another matter */
async function echo(engine: LibraryEngine, started = () => {}): Promise<string> {
  const box = await engine.run({ image, command: ['echo', 'up'] }).finally(started);
  return (await box.result()).stdout;
}

/** Lets one call fail, the first is 1. @returns how many there were, counted from now on */
function failCall(which: number): () => number {
  let count = 0;
  const { call, spawn } = LibcGate.prototype;
  vi.spyOn(LibcGate.prototype, 'call').mockImplementation(function (this: LibcGate, name, ...args) {
    if (++count === which) throw new SyscallError(name, EMFILE, '');
    return call.call(this, name, ...args);
  });
  vi.spyOn(LibcGate.prototype, 'spawn').mockImplementation(function (this: LibcGate, request) {
    if (++count === which) throw new SyscallError('posix_spawn', EMFILE, '');
    return spawn.call(this, request);
  });
  return () => count;
}

describe('a call that fails in a warm launch', () => {
  it.each([
    ['with the launcher that waits made for it', 1],
    ['with one that waits', 2],
  ])('%s: the launch works or fails with the reason, and nothing is left', async (_, earlier) => {
    let calls = 1;
    for (let which = 1; which <= 40; which++) {
      const engine = await createEngine({ root, runroot, network: 'none' });
      for (let i = 0; i < earlier; i++) await echo(engine);
      const fds = descriptors();
      const waiting = ready().length;
      const count = failCall(which);
      const result = await echo(engine, () => {
        calls = Math.max(calls, count());
        vi.restoreAllMocks();
      }).catch((error: unknown) => error);
      if (result !== 'up\n') expect(result).toBeInstanceOf(TsboxError);
      expect(readdirSync(`${root}/containers`), `call ${which}`).toEqual([]);
      // A launcher that waits has two sockets here.
      expect(descriptors() - fds, `call ${which}`).toBe(2 * (ready().length - waiting));
      expect(await echo(engine)).toBe('up\n');
      await engine.close();
      expect(ready()).toEqual([]);
    }
    expect(calls).toBeGreaterThan(3);
  });
});
