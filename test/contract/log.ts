import { expect, it } from 'vitest';
import type { PluginDefinition } from '../../core/plugin/index.js';
import { describeSubject } from './describe-subject.js';
import { LONG, type Stage } from './stage.js';
import { type DriverDescription, Subject } from './subject.js';

/**
 * What every log driver must do: a detached container writes to it, at each of its starts, and what it keeps goes
 * with the container. To be called in a vitest file. Needs root and busybox-static.
 */
export function describeLogDriver(plugin: PluginDefinition, description: DriverDescription): void {
  describeSubject(new Subject(plugin, description, 'log'), [], describeLogBehaviour);
}

function describeLogBehaviour(stage: Stage): void {
  const options = () => ({ image: stage.image, logDriver: stage.subject.driver, rm: false });

  it('takes what a detached container writes, at each of its starts', LONG, async () => {
    await using engine = stage.engine();
    const command = ['sh', '-c', 'echo to stdout; echo to stderr >&2; exit 3'];
    const container = await engine.runDetached({ ...options(), command });
    try {
      expect((await container.wait()).exitCode).toBe(3);
      await container.start();
      expect((await container.wait()).exitCode).toBe(3);
      if (!(await stage.driver('log')).read) return;
      const texts: string[] = [];
      for await (const { text } of container.logs()) texts.push(text.toString());
      const lines = texts.join('').split('\n');
      for (const wanted of ['to stdout', 'to stderr'])
        expect(lines.filter((line) => line.includes(wanted))).toHaveLength(2);
    } finally {
      await container.remove({ force: true });
    }
  });

  it('is no reason to wait for a container that writes nothing', LONG, async () => {
    await using engine = stage.engine();
    const container = await engine.runDetached({ ...options(), command: ['true'] });
    expect((await container.wait()).exitCode).toBe(0);
    await container.remove({ force: true });
  });

  it('says which options it does not know', LONG, async () => {
    await using engine = stage.engine();
    const asked = { ...options(), command: ['true'], logOpt: ['no-such-option=1'] };
    await expect(engine.runDetached(asked)).rejects.toMatchObject({
      message: expect.stringContaining('no-such-option'),
    });
  });
}
