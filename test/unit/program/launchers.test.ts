import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { pipe } from '../../../core/kernel/socket.js';
import { encode } from '../../../core/program/encode.js';
import { Launchers } from '../../../core/program/launchers.js';
import { Program } from '../../../core/program/program.js';
import { ProgramSession } from '../../../core/program/session.js';

const gate = new LibcGate();
let launchers: Launchers;
beforeEach(() => {
  launchers = new Launchers(gate);
});
afterEach(() => launchers.close());

/** A program without a clone: stage one itself writes to its 1, to 5 if it is given one, and ends. */
function program(text: string, more: boolean) {
  const own = new Program();
  const recorder = own.recorder('launcher', { plugin: 'test', hook: 'childSetup' });
  recorder.call('write', [1, Buffer.from(text), text.length]);
  if (more) recorder.call('write', [5, Buffer.from(text), text.length]);
  return encode(own, gate.arch);
}

/** What it wrote. No namespace, no root: only the launcher. */
async function run(text: string, more = false): Promise<string> {
  const nothing = openSync('/dev/null', 'r+');
  const [ours, theirs] = pipe(gate);
  const extra = more ? [theirs] : [];
  const options = { gate, launchers, program: program(text, more), extra };
  const session = new ProgramSession({ ...options, stdio: [nothing, theirs, nothing] });
  await session.executed();
  expect(session.state()).toMatchObject({ failed: undefined, errno: 0 });
  session.close();
  for (const fd of [nothing, theirs]) closeSync(fd);
  const bytes = Buffer.alloc(100);
  const written = bytes.toString('utf8', 0, readSync(ours, bytes));
  closeSync(ours);
  return written;
}

/** Names of this process's children, zombies too. */
function children(): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        const [, comm = '', parent] = /\((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        return Number(parent) === process.pid ? comm : [];
      } catch {
        return [];
      }
    });
}
const descriptors = () => readdirSync('/proc/self/fd').length;

describe('the launchers of an engine', () => {
  it('execute programs, the first by a spawn, the next by one that waits', async () => {
    const before = children();
    const fds = descriptors();
    expect(await run('first')).toBe('first');
    expect(children()).toEqual(before);
    expect(await run('second')).toBe('second');
    expect(children()).toEqual([...before, 'tsbox-ready']);
    expect(await run('more', true)).toBe('moremore');
    launchers.close();
    expect(children()).toEqual(before);
    expect(descriptors()).toBe(fds);
  });

  it('are there again after they were closed', async () => {
    await run('first');
    await run('second');
    launchers.close();
    expect(await run('third')).toBe('third');
  });

  it('that only spawn make no launcher that waits', async () => {
    const before = children();
    for (let i = 0; i < 3; i++) {
      const [ours, theirs] = pipe(gate);
      const session = new ProgramSession({
        gate,
        launchers: launchers.spawned,
        program: program('text', false),
        stdio: [theirs, theirs, theirs],
        extra: [],
      });
      await session.executed();
      session.close();
      for (const fd of [ours, theirs]) closeSync(fd);
    }
    expect(children()).toEqual(before);
  });
});
