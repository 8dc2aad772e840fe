import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExitNotice } from '../../../core/kernel/exit-notice.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { createSealedExecutable } from '../../../core/kernel/memfd.js';
import type { Errands } from '../../../core/program/errands.js';
import * as images from '../../../core/program/launcher/images.js';
import { SpawnedLauncher } from '../../../core/program/launchers.js';
import { ReadyLauncher } from '../../../core/program/ready-launcher.js';
import type { Removal } from '../../../core/program/removal.js';
import type { LauncherSource } from '../../../core/program/stage-one.js';

const gate = new LibcGate();
const launcher = createSealedExecutable(gate, 'errands', Buffer.from(images[gate.arch], 'base64'));
const spawned = new SpawnedLauncher(gate, launcher);
let [directory, notice, ready, pid] = ['', new ExitNotice(gate), undefined as unknown as ReadyLauncher, 0];
let errands: Errands;

function open(told: ExitNotice | undefined): void {
  const source: LauncherSource = {
    start: (fds) => {
      const one = spawned.start(fds);
      pid = one.pid();
      return one;
    },
  };
  ready = new ReadyLauncher(gate, source, told);
  errands = ready.errands;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tsbox-errands-'));
  notice = new ExitNotice(gate);
  open(notice);
});
afterEach(() => {
  ready.close();
  notice.close();
  rmSync(directory, { recursive: true, force: true });
});

const at = (...names: string[]) => join(directory, ...names);
const tree = (name: string): Removal => ({ kind: 'tree', path: at(name) });
const empty = (name: string): Removal => ({ kind: 'directory', path: at(name) });
/** A directory inside the last of them, and so on. */
const deep = (levels: number) => Array(levels).fill('d').join('/');

describe('errands', () => {
  it('make directories and write lines, in their order, and are settled then', async () => {
    writeFileSync(at('rules'), '');
    errands.make([{ path: at('a') }, { path: at('a', 'b') }, { path: at('rules'), lines: ['one', 'two', 'three'] }]);
    errands.make([{ path: at('a', 'c') }]);
    await errands.settled();
    expect(readdirSync(at('a')).sort()).toEqual(['b', 'c']);
    expect(readFileSync(at('rules'), 'utf8')).toBe('onetwothree');
  });

  it('leave out what cannot be made', async () => {
    mkdirSync(at('there'));
    errands.make([
      { path: at('there') },
      { path: at('no', 'parent') },
      { path: at('missing'), lines: ['x'] },
      { path: at('last') },
    ]);
    await errands.settled();
    expect(readdirSync(directory).sort()).toEqual(['last', 'there']);
  });

  it('remove trees and empty directories, and what is not there is gone', async () => {
    mkdirSync(at('tree', 'upper', 'etc', deep(3)), { recursive: true });
    mkdirSync(at('tree', 'work', 'work'), { recursive: true, mode: 0o000 });
    for (let i = 0; i < 40; i++) writeFileSync(at('tree', 'upper', `f${i}`), 'x');
    mkdirSync(at('empty'));
    expect(await errands.remove([empty('empty'), tree('tree'), tree('nothing'), empty('nothing')])).toEqual(
      Array(4).fill(true),
    );
    expect(readdirSync(directory)).toEqual([]);
  });

  it('remove links, and nothing of what they point at', async () => {
    mkdirSync(at('outside'));
    writeFileSync(at('outside', 'precious'), 'x');
    mkdirSync(at('tree'));
    symlinkSync(at('outside'), at('tree', 'link'));
    symlinkSync(at('outside'), at('link'));
    expect(await errands.remove([tree('tree'), tree('link'), empty('link')])).toEqual([true, false, false]);
    expect([existsSync(at('tree')), readdirSync(at('outside'))]).toEqual([false, ['precious']]);
  });

  it('say of what they left that it is not gone', async () => {
    mkdirSync(at('full', 'inner'), { recursive: true });
    mkdirSync(at('deep', deep(20)), { recursive: true });
    mkdirSync(at('wide'));
    for (let i = 0; i < 400; i++) writeFileSync(at('wide', `f${i}`), '');
    mkdirSync(at('last'));
    const removals = [
      empty('full'),
      tree('deep'),
      tree('wide'),
      { kind: 'tree', path: 'relative' } as const,
      tree('last'),
    ];
    expect(await errands.remove(removals)).toEqual([false, false, false, false, true]);
    expect(readdirSync(directory).sort()).toEqual(['deep', 'full', 'wide']);
  });

  it('are run one after the other, and answered in that order', async () => {
    const answers = Array.from({ length: 20 }, (_, i) => {
      errands.make([{ path: at(`d${i}`) }, { path: at(`d${i}`, 'inner') }]);
      return errands.remove([empty(`d${i}`), tree(`d${i}`)]);
    });
    expect(await Promise.all(answers)).toEqual(Array(20).fill([false, true]));
    expect(readdirSync(directory)).toEqual([]);
  });

  it('take no more than fits into a message', async () => {
    const long = 'x'.repeat(5000);
    expect(await errands.remove([tree(long), tree(long), tree(long), tree(long)])).toBeUndefined();
    expect(await errands.remove(Array.from({ length: 65 }, () => tree('a')))).toBeUndefined();
    errands.make(Array.from({ length: 65 }, (_, i) => ({ path: at(`d${i}`) })));
    await errands.settled();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('come to nothing when their launcher is killed, and nobody waits', async () => {
    process.kill(pid, 'SIGSTOP');
    mkdirSync(at('tree'));
    const answer = errands.remove([tree('tree')]);
    process.kill(pid, 'SIGKILL');
    expect(await answer).toEqual([]);
    expect(await errands.remove([tree('tree')])).toBeUndefined();
    await errands.settled();
    expect(existsSync(at('tree'))).toBe(true);
  });

  it('whose launcher does not answer for two seconds are given up, and it is ended before it does them later', async () => {
    mkdirSync(at('tree'));
    process.kill(pid, 'SIGSTOP');
    errands.make([{ path: at('late') }]);
    expect(await errands.remove([tree('tree')])).toEqual([]);
    expect(ready.isFresh()).toBe(false);
    ready.close();
    expect(readdirSync(directory)).toEqual(['tree']);
  });

  it('are asked for by nobody where no signal tells of answers, and launches go on', async () => {
    ready.close();
    open(undefined);
    errands.make([{ path: at('a') }]);
    expect(await errands.remove([tree('a')])).toBeUndefined();
    await errands.settled();
    expect(readdirSync(directory)).toEqual([]);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
  });
});
