import { expect, it } from 'vitest';
import { LaunchView } from '../../core/engine/launch-state.js';
import type { JsonObject, Undo, UndoContext } from '../../core/plugin/index.js';
import { hostState } from '../support/faults/left.js';
import { compareSnapshots, takeSnapshot } from '../support/leaks/snapshot.js';
import { skipInapplicable } from './inapplicable.js';
import { LONG, type Stage } from './stage.js';
import { Subject } from './subject.js';

/** What holds for a launch with any plugin. */
export function describeLaunches(stage: Stage): void {
  const { subject } = stage;
  const { plugin, kind } = subject;

  if (kind)
    it('works on this host', LONG, async () => {
      await using engine = stage.engine();
      const own = (await engine.drivers()).find((driver) => driver.kind === kind && driver.name === subject.driver);
      expect(own).toMatchObject({ plugin: plugin.name, support: { works: true } });
    });

  it('gives a container its output and its exit status', LONG, async () => {
    const { status, stdout, stderr } = await stage.run('echo out; echo err >&2; exit 3');
    expect({ status, stdout, stderr }).toEqual({ status: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it('changes nothing while a plan is made', LONG, async () => {
    const before = await takeSnapshot();
    await using engine = stage.engine();
    const { entries } = await engine.plan({ image: stage.image, command: ['true'] });
    expect(entries.length).toBeGreaterThan(10);
    expect(onlyHost(compareSnapshots(before, await takeSnapshot()))).toEqual({});
  });

  it('does in a launch what the plan lists', LONG, async () => {
    const engine = stage.engine();
    const { entries } = await engine.plan({ image: stage.image, command: ['sh', '-c', 'true'] });
    await engine.close();
    const { trace } = await stage.run('true');
    const own = (list: typeof entries) =>
      list
        .filter((entry) => entry.plugin === plugin.name)
        .map((entry) => `${entry.where} ${entry.hook} ${entry.action}`);
    expect(own(trace)).toEqual(own(entries));
  });

  it('holds several containers at once', LONG, async () => {
    await using engine = stage.engine();
    const command = ['sh', '-c', 'echo up; read line; exit 5'];
    const boxes = await Promise.all([1, 2, 3, 4].map(() => engine.run({ image: stage.image, command })));
    for (const box of boxes) box.stdin?.end('go\n');
    const ends = await Promise.all(boxes.map((box) => box.result()));
    expect(ends.map(({ status, stdout }) => [status, stdout])).toEqual(boxes.map(() => [5, 'up\n']));
  });

  it('starts a container again, and lets go of it when it is removed', LONG, async (context) => {
    skipInapplicable(context, await stage.isAttended(), 'its containers end with their engine');
    await using engine = stage.engine();
    const command = ['sh', '-c', 'echo more >> /tmp/lines; sleep 600'];
    const container = await engine.runDetached({ image: stage.image, command, name: 'again', rm: false });
    try {
      await container.stop({ timeout: 0 });
      await container.start();
      await container.stop({ timeout: 0 });
    } finally {
      await container.remove({ force: true });
    }
    expect(await engine.list()).toEqual([]);
  });

  describeUndo(stage);
}

/** The plugin's own steps are taken back, whatever became of them. */
function describeUndo(stage: Stage): void {
  const { subject } = stage;

  it('takes back what it took, and harms nobody when that is asked for again', LONG, async () => {
    const taken: Taken[] = [];
    expect((await stage.run('true', {}, noting(subject, taken))).status).toBe(0);
    const before = hostState();
    for (const { kind, args, context } of [...taken, ...taken]) await subject.plugin.undo?.[kind]?.(args, context);
    expect(hostState()).toEqual(before);
    await stage.expectNothingLeft();
  });

  it.each(['was not begun', 'was done'] as const)('takes back a step that failed after it %s', LONG, async (how) => {
    for (let nth = 1; ; nth++) {
      const failing = failStep(subject.plugin.name, nth, how === 'was done');
      try {
        const end = await stage.run('true').catch((error: Error) => error);
        if (!failing.met) return expect(end).toMatchObject({ status: 0 });
        expect(end).toMatchObject({ message: expect.stringContaining(BROKEN) });
      } finally {
        failing.restore();
      }
      await stage.expectNothingLeft().catch((error: Error) => {
        throw new Error(`after the step "${failing.met}": ${error.message}`);
      });
    }
  });
}

const BROKEN = 'broken by the suite';

interface FailingStep {
  /** Which step it was; undefined when there are fewer. */
  met: string | undefined;
  restore(): void;
}

/** Lets a plugin's step of that number fail; of those that take something, where it fails when it is done. */
function failStep(plugin: string, nth: number, afterwards: boolean): FailingStep {
  const { step } = LaunchView.prototype;
  const restore = () => {
    LaunchView.prototype.step = step;
  };
  const failing: FailingStep = { met: undefined, restore };
  let count = 0;
  LaunchView.prototype.step = function (this: LaunchView, given) {
    const counts = this.plugin === plugin && (!afterwards || given.undo !== undefined);
    if (!counts || ++count !== nth) return step.call(this, given) as never;
    failing.met = `${given.action} ${given.target}`;
    const run = async () => {
      if (afterwards) await given.run();
      throw new Error(BROKEN);
    };
    return step.call(this, { ...given, run }) as never;
  };
  return failing;
}

interface Taken {
  readonly kind: string;
  readonly args: JsonObject;
  readonly context: UndoContext;
}

/** The same plugin, of which is noted what is taken back. */
function noting({ plugin, description, kind }: Subject, taken: Taken[]): Subject {
  const noted = Object.entries(plugin.undo ?? {}).map(([name, take]): [string, Undo] => {
    const note: Undo = async (args, context) => {
      taken.push({ kind: name, args, context });
      await take(args, context);
    };
    return [name, note];
  });
  return new Subject({ ...plugin, undo: Object.fromEntries(noted) }, description, kind);
}

/** This process opens and closes things of its own while a plan is made. */
function onlyHost(difference: object): object {
  return Object.fromEntries(Object.entries(difference).filter(([name]) => !name.startsWith('own ')));
}
