import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import {
  createEngine,
  type EntryMessage,
  type HookMessage,
  type LaunchMessage,
  type LaunchTrace,
} from '../../../core/index.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');
const { directory, root, runroot } = tempRoot();
const engine = await createEngine({ root, runroot, network: 'none' });
afterAll(() => engine.close());

const image = `${directory}/image`;
beforeAll(() => void busyboxImage(image));
const run = (command: string[], more = {}) => engine.run({ image, command, stdio: 'ignore', ...more });

interface Seen {
  readonly event: string;
  readonly message: LaunchMessage & HookMessage & EntryMessage & { error?: unknown };
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Listens to all events of a channel until the test is over. */
function listen(name: string): Seen[] {
  const seen: Seen[] = [];
  for (const event of EVENTS) {
    const listener = (message: unknown) => void seen.push({ event, message: message as Seen['message'] });
    subscribe(`tracing:${name}:${event}`, listener);
    ends.push(() => unsubscribe(`tracing:${name}:${event}`, listener));
  }
  return seen;
}

describe('diagnostics channels', () => {
  it('tell of a launch when it begins and when its command runs', async () => {
    const seen = listen('tsbox:launch');
    const before = performance.timeOrigin + performance.now();
    await using box = await run(['true']);
    await box.wait();
    expect(seen.map(({ event }) => event)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    const [{ message }] = seen as [Seen];
    expect(new Set(seen.map((one) => one.message)).size).toBe(1);
    expect(message).toMatchObject({ kind: 'run', image, command: ['true'], id: box.id, name: box.name });
    expect(message.startTime).toBeGreaterThanOrEqual(before);
    expect(message.durationNs).toBeGreaterThan(0);
  });

  it('tell of every step, with the launch that it belongs to', async () => {
    const [steps, launches] = [listen('tsbox:step'), listen('tsbox:launch')];
    await using box = await run(['true']);
    await box.wait();
    const ended = steps.filter(({ event }) => event === 'asyncEnd').map(({ message }) => message);
    expect(ended.length).toBe(steps.filter(({ event }) => event === 'start').length);
    expect(ended).toContainEqual(expect.objectContaining({ plugin: 'engine', action: 'mkdir', where: 'engine' }));
    for (const { launch, durationNs } of ended) {
      expect(launch).toBe(launches[0]?.message);
      expect(durationNs).toBeGreaterThan(0);
    }
  });

  it('tell of every handler of a hook, those after the end of the command too', async () => {
    const seen = listen('tsbox:hook');
    const plugin = { name: 'quiet', apiVersion: 1, hooks: { preClone: () => {}, postStop: async () => {} } };
    await using own = await createEngine({ root, runroot, network: 'none', plugins: [plugin] });
    await using box = await own.run({ image, command: ['true'], stdio: 'ignore' });
    await box.wait();
    const mine = seen.filter(({ event, message }) => event === 'asyncEnd' && message.plugin === 'quiet');
    expect(mine.map(({ message }) => message.hook)).toEqual(['preClone', 'postStop']);
    for (const { message } of mine) expect(message.durationNs).toBeGreaterThan(0);
  });

  it('tell of every system call of launcher and child, in order, within the time of the launch', async () => {
    const [ops, launches] = [listen('tsbox:op'), listen('tsbox:launch')];
    await using box = await run(['true']);
    await box.wait();
    const messages = ops.filter(({ event }) => event === 'end').map(({ message }) => message);
    expect(messages.find(({ action }) => action === 'clone3')).toMatchObject({ where: 'launcher', plugin: 'engine' });
    expect(messages.at(-1)).toMatchObject({ where: 'child', action: 'execve' });
    const times = messages.map(({ startTime }) => startTime);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const [{ message: launch }] = launches as [Seen];
    // Two clocks: they are matched to some microseconds.
    const slack = 1;
    expect(times[0]).toBeGreaterThan(launch.startTime - slack);
    expect(times.at(-1)).toBeLessThan(launch.startTime + (launch.durationNs as number) / 1e6 + slack);
  });

  it('tell of a failure, and of the op that failed', async () => {
    const [launches, ops] = [listen('tsbox:launch'), listen('tsbox:op')];
    const error = await run(['/no/such/command']).catch((thrown: unknown) => thrown);
    expect(launches.map(({ event }) => event)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(launches[2]?.message.error).toBe(error);
    expect(ops.at(-1)?.message).toMatchObject({ where: 'child', action: 'fail', errno: 'ENOENT' });
  });

  it('say nothing of what begins before somebody listens', async () => {
    const box = await run(['true']);
    const seen = listen('tsbox:hook');
    await box.wait();
    expect(seen).toEqual([]);
  });

  it('carry a store through everything that a launch does', async () => {
    const { AsyncLocalStorage } = await import('node:async_hooks');
    const storage = new AsyncLocalStorage<string>();
    const channel = tracingChannel<string, LaunchMessage>('tsbox:launch');
    channel.start.bindStore(storage, (message) => `launch of ${(message as LaunchMessage).image}`);
    const listener = () => {};
    channel.start.subscribe(listener);
    ends.push(() => channel.start.unsubscribe(listener));
    ends.push(() => void channel.start.unbindStore(storage));
    let inside: string | undefined;
    const preClone = () => {
      inside = storage.getStore();
    };
    const plugin = { name: 'looker', apiVersion: 1, hooks: { preClone } };
    await using own = await createEngine({ root, runroot, network: 'none', plugins: [plugin] });
    await using box = await own.run({ image, command: ['true'], stdio: 'ignore' });
    await box.wait();
    expect(inside).toBe(`launch of ${image}`);
    expect(storage.getStore()).toBeUndefined();
  });
});

describe('a trace', () => {
  it('has when every step and op began, one after the other', async () => {
    await using box = await run(['true'], { trace: true });
    await box.wait();
    const { entries, durationNs, phases, hooks, clockErrorNs } = box.timeline as LaunchTrace;
    const done = entries.filter(({ startNs }) => startNs !== undefined);
    expect(done.length).toBeGreaterThan(100);
    for (const where of ['engine', 'launcher', 'child'] as const) {
      const starts = done.filter((entry) => entry.where === where).map(({ startNs }) => startNs as number);
      expect(starts.length).toBeGreaterThan(0);
      expect(starts).toEqual(starts.toSorted((a, b) => a - b));
      for (const start of starts) expect(start).toBeLessThan(durationNs + 1e6);
    }
    // What the child does comes after the clone, by both clocks.
    const clone = done.find(({ action }) => action === 'clone3')?.startNs as number;
    const spawn = phases.find(({ name }) => name === 'spawn');
    expect(clone).toBeGreaterThan((spawn?.startNs as number) - clockErrorNs);
    expect(phases.map(({ name }) => name)).toEqual(expect.arrayContaining(['resolve', 'prepare', 'record', 'spawn']));
    expect(hooks.map(({ plugin }) => plugin)).toContain('mounts');
    // Of an exec that works there is no end to see.
    expect(done.at(-1)).toMatchObject({ action: 'execve' });
    expect(done.at(-1)?.durationNs).toBeUndefined();
  });

  it('of a launch that fails is given to its receiver, and ends with the op that failed', async () => {
    let trace: LaunchTrace | undefined;
    const onTrace = (made: LaunchTrace) => {
      trace = made;
    };
    await expect(run(['/no/such/command'], { onTrace })).rejects.toMatchObject({ code: /NOT_FOUND/ });
    const done = trace?.entries.filter(({ startNs }) => startNs !== undefined) ?? [];
    expect(done.at(-1)).toMatchObject({ action: 'fail', error: 'ENOENT' });
    expect(done.at(-1)?.durationNs).toBeGreaterThan(0);
  });

  it('is not made unless it was asked for', async () => {
    await using box = await run(['true']);
    expect(box.timeline).toBeUndefined();
    expect(box.trace).toEqual([]);
  });
});
