import { describe, expect, it } from 'vitest';
import { HookBus } from '../../../core/engine/hook-bus.js';
import type { HookHandler } from '../../../core/plugin/plugin.js';

function recording(log: string[], name: string): HookHandler<'preClone'> {
  return () => void log.push(name);
}

const context = () => ({ launch: undefined as never });

describe('the hook bus', () => {
  it('runs handlers in the order of registration', async () => {
    const log: string[] = [];
    const bus = new HookBus(1000);
    for (const name of ['a', 'b', 'c']) bus.register(name, 'preClone', recording(log, name));
    await bus.run('preClone', context);
    expect(log).toEqual(['a', 'b', 'c']);
  });

  it('puts plugins at their place, whenever they are loaded', async () => {
    const log: string[] = [];
    const bus = new HookBus(1000);
    bus.register('late', 'preClone', recording(log, 'late'), 2);
    bus.register('early', 'preClone', recording(log, 'early'), 1);
    await bus.run('preClone', context);
    expect(log).toEqual(['early', 'late']);
  });

  it('honours before and after', async () => {
    const log: string[] = [];
    const bus = new HookBus(1000);
    bus.register('last', 'preClone', { after: 'mounts', handler: recording(log, 'last') });
    bus.register('mounts', 'preClone', recording(log, 'mounts'));
    bus.register('first', 'preClone', { before: 'mounts', handler: recording(log, 'first') });
    await bus.run('preClone', context);
    expect(log).toEqual(['first', 'mounts', 'last']);
  });

  it('waits for one handler before it calls the next', async () => {
    const log: string[] = [];
    const bus = new HookBus(1000);
    bus.register('slow', 'preClone', async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      log.push('slow');
    });
    bus.register('next', 'preClone', recording(log, 'next'));
    await bus.run('preClone', context);
    expect(log).toEqual(['slow', 'next']);
  });

  it('names plugin and hook of an error, and runs nothing after it', async () => {
    const log: string[] = [];
    const bus = new HookBus(1000);
    const cause = new Error('no luck');
    bus.register('bad', 'preClone', () => {
      throw cause;
    });
    bus.register('next', 'preClone', recording(log, 'next'));
    await expect(bus.run('preClone', context)).rejects.toMatchObject({
      code: 'ERR_TSBOX_PLUGIN',
      message: 'plugin "bad" failed in hook preClone: no luck',
      cause,
    });
    expect(log).toEqual([]);
  });

  it('reports a handler that never settles by name', async () => {
    const bus = new HookBus(30);
    bus.register('stuck', 'preClone', () => new Promise<void>(() => {}));
    await expect(bus.run('preClone', context)).rejects.toThrow('plugin "stuck" did not finish hook preClone');
  });

  it('refuses a hook that does not exist', () => {
    expect(() => new HookBus(1000).register('odd', 'preclone' as never, () => {})).toThrow('there is no hook preclone');
  });

  it('refuses an order that leads in a circle', () => {
    const bus = new HookBus(1000);
    bus.register('a', 'preClone', { after: 'b', handler: () => {} });
    expect(() => bus.register('b', 'preClone', { after: 'a', handler: () => {} })).toThrow('lead in a circle');
  });
});
