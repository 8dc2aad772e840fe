import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import {
  findController,
  makeCgroup,
  readCgroupFile,
  readCgroupLayout,
  removeCgroups,
  removeEmptyCgroups,
  writeCgroupFile,
} from '../../../core/plugin/index.js';
import { skipUnless } from '../../support/skip.js';

const { describe, it } = skipUnless('root', 'cgroup1');
const gate = new LibcGate();
const layout = readCgroupLayout();
const newCgroup = (controller: string) =>
  `${findController(layout, controller)?.mountpoint}/tsbox/${randomBytes(32).toString('hex')}`;

/** As the undo of a launch does it, whose engine does not live on. */
async function remove(directories: string[]): Promise<void> {
  await removeCgroups(directories, gate);
  removeEmptyCgroups(directories.map((directory) => dirname(directory)));
}

/** A process in a cgroup that forks all the time, itself and its children ignoring what can be ignored. */
async function forkingIn(directory: string) {
  const script = `echo 0 > ${directory}/tasks && trap "" TERM INT HUP; echo in; while :; do sleep 60 & sleep 0.01; done`;
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  return once(child, 'exit');
}

describe('removing a cgroup that has no cgroup.kill', () => {
  it.each(['freezer', 'pids'])('kills what forks inside of %s all the same', async (controller) => {
    const directory = newCgroup(controller);
    makeCgroup(directory);
    const ended = forkingIn(directory);
    const exit = await Promise.race([ended, sleep(300).then(() => undefined)]);
    expect(exit).toBeUndefined();
    await remove([directory]);
    expect(existsSync(directory)).toBe(false);
    expect((await ended)[1]).toBe('SIGKILL');
  });

  it('kills a process that somebody froze', async () => {
    const directory = newCgroup('freezer');
    makeCgroup(directory);
    const ended = forkingIn(directory);
    // It forks after its first word, which we wait for in its end.
    while (readCgroupFile(`${directory}/tasks`).split('\n').length < 2) await sleep(5);
    writeCgroupFile(`${directory}/freezer.state`, 'FROZEN');
    await remove([directory]);
    expect((await ended)[1]).toBe('SIGKILL');
  });
});

describe('the common parent', () => {
  it('comes and goes with its children, whoever else makes and removes some', async () => {
    const lives = Array.from({ length: 20 }, async (_, index) => {
      for (let round = 0; round < 10; round++) {
        const directory = newCgroup('pids');
        makeCgroup(directory);
        if (index % 2 === 0) await sleep(0);
        await remove([directory]);
        expect(existsSync(directory)).toBe(false);
      }
    });
    await Promise.all(lives);
  });

  it('is not removed under a cgroup that is in use', async () => {
    const [used, other] = [newCgroup('pids'), newCgroup('pids')];
    makeCgroup(used);
    makeCgroup(other);
    await remove([other]);
    expect(existsSync(used)).toBe(true);
    await remove([used]);
  });
});

it('what is gone already is removed', async () => {
  await expect(remove([newCgroup('pids')])).resolves.toBeUndefined();
});

it('a cgroup that is there cannot be made', () => {
  const directory = newCgroup('pids');
  makeCgroup(directory);
  expect(() => makeCgroup(directory)).toThrow(/EEXIST/);
  return remove([directory]);
});
