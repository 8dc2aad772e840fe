import { afterAll, beforeAll, expect } from 'vitest';
import { type ContainerDied, createEngine, type LifecycleEvents } from '../../../core/index.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');
const { directory, root, runroot } = tempRoot();
const engine = await createEngine({ root, runroot, network: 'none' });
afterAll(() => engine.close());

const image = `${directory}/image`;
beforeAll(() => void busyboxImage(image));
const NAMES = ['create', 'start', 'die', 'destroy', 'fail'] as const satisfies readonly (keyof LifecycleEvents)[];

/** What an engine tells while something is done with it. */
async function told(act: () => Promise<unknown>): Promise<[string, object][]> {
  const seen: [string, object][] = [];
  const listeners = NAMES.map((name) => [name, (event: object) => void seen.push([name, event])] as const);
  for (const [name, listener] of listeners) engine.on(name, listener);
  await act();
  for (const [name, listener] of listeners) engine.off(name, listener);
  return seen;
}

describe('events of an engine', () => {
  it('are create, start, die and destroy of a container', async () => {
    let id = '';
    const seen = await told(async () => {
      const box = await engine.run({ image, command: ['sh', '-c', 'exit 3'], label: { tier: 'web' }, stdio: 'ignore' });
      id = box.id;
      await box.wait();
    });
    const same = { id, image, labels: { tier: 'web' } };
    expect(seen).toEqual([
      ['create', { ...same, name: expect.any(String) }],
      ['start', { ...same, name: expect.any(String), pid: expect.any(Number) }],
      ['die', { ...same, name: expect.any(String), exitCode: 3, signal: null, status: 3, oomKilled: false }],
      ['destroy', { ...same, name: expect.any(String) }],
    ]);
  });

  it('have the signal that ended a command', async () => {
    let end: ContainerDied | undefined;
    engine.once('die', (event) => {
      end = event;
    });
    await using box = await engine.run({ image, command: ['sleep', '60'], stdio: 'ignore' });
    box.kill();
    await box.wait();
    expect(end).toMatchObject({ id: box.id, exitCode: null, signal: 9, status: 137 });
  });

  it('tell of a launch that failed, with the error that its caller gets', async () => {
    let error: unknown;
    const seen = await told(async () => {
      error = await engine.run({ image, command: ['/no/such'] }).catch((thrown: unknown) => thrown);
    });
    expect(seen).toEqual([['fail', { kind: 'run', image, command: ['/no/such'], error }]]);
  });

  it('tell of the start of a container that goes on', async () => {
    const seen = await told(async () => {
      const handle = await engine.runDetached({ image, command: ['sleep', '60'] });
      await handle.remove({ force: true });
    });
    expect(seen.map(([name]) => name)).toEqual(['create', 'start']);
  });
});

describe('a box', () => {
  it('tells of its exit once all is gone, with the result', async () => {
    const box = await engine.run({ image, command: ['true'], stdio: 'ignore' });
    const exit = new Promise((resolve) => box.once('exit', resolve));
    expect(await exit).toEqual(await box.wait());
  });

  it('does not tell whoever has gone away', async () => {
    const box = await engine.run({ image, command: ['true'], stdio: 'ignore' });
    let calls = 0;
    const listener = () => void calls++;
    box.on('exit', listener).off('exit', listener);
    await box.wait();
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(0);
  });
});
