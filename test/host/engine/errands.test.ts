import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { type BoxOptions, createEngine, type LibraryEngine } from '../../../core/index.js';
import { readCgroupLayout } from '../../../core/plugin/index.js';
import { Errands } from '../../../core/program/errands.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { ready } from './ready.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay');
const onV1 = skipUnless('root', 'busybox', 'overlay', 'cgroup1');
const { directory, root, runroot } = tempRoot();
const image = `${directory}/image`;
beforeAll(() => {
  busyboxImage(image);
  for (const id of allCgroups()) others.add(id);
});
afterEach(() => void vi.restoreAllMocks());
afterAll(() => {
  expect([...readdirSync(`${root}/containers`), ...readdirSync(`${runroot}/journal`), ...cgroups()]).toEqual([]);
});

const others = new Set<string>();
/** Containers that have a cgroup anywhere, and had none when this began. */
const cgroups = () => allCgroups().filter((id) => !others.has(id));
const allCgroups = () =>
  readCgroupLayout().hierarchies.flatMap(({ mountpoint }) => {
    const parent = `${mountpoint}/tsbox`;
    return existsSync(parent) ? readdirSync(parent).filter((name) => /^[0-9a-f]{64}$/.test(name)) : [];
  });

async function warm(): Promise<LibraryEngine> {
  const engine = await createEngine({ root, runroot, network: 'none' });
  for (let i = 0; i < 2; i++) await sh(engine, 'true');
  return engine;
}

async function sh(engine: LibraryEngine, script: string, more: Partial<BoxOptions> = {}): Promise<string> {
  const box = await engine.run({ image, command: ['sh', '-c', script], ...more });
  const { stdout, stderr, exitCode } = await box.result();
  expect([stderr, exitCode]).toEqual(['', 0]);
  return stdout;
}

describe('what containers leave', () => {
  const WRITING = [
    'true',
    'echo x > /x; mkdir -p /a/b/c; echo y > /a/b/c/y; rm /bin/wc',
    'mkdir -p /deep; cd /deep; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do mkdir d; cd d; echo $i > f; done',
    'mkdir /many; cd /many; i=0; while [ $i -lt 500 ]; do echo > f$i; i=$((i+1)); done',
    'mkdir /locked; echo > /locked/f; chmod 0 /locked; ln -s / /root-link; ln -s /proc /locked/link',
  ];

  it('is removed beside the engine where it has others in hand, and by itself where that is too much', async () => {
    await using engine = await warm();
    const remove = vi.spyOn(Errands.prototype, 'remove');
    const lane = async (first: number) => {
      for (let i = 0; i < 5; i++) await sh(engine, WRITING[(first + i) % WRITING.length] as string);
    };
    await Promise.all(Array.from({ length: 8 }, (_, index) => lane(index)));
    const answers = await Promise.all(remove.mock.results.map(({ value }) => value as Promise<boolean[] | undefined>));
    const wholly = answers.filter((gone) => gone?.every(Boolean)).length;
    expect(answers.length).toBeGreaterThan(2);
    expect(wholly).toBeGreaterThan(0);
    expect(readdirSync(`${root}/containers`)).toEqual([]);
    expect(cgroups()).toEqual([]);
  });

  it('is removed by the engine where that has nothing else in hand', async () => {
    await using engine = await warm();
    const remove = vi.spyOn(Errands.prototype, 'remove');
    await sh(engine, WRITING[1] as string);
    expect(remove).not.toHaveBeenCalled();
    expect(readdirSync(`${root}/containers`)).toEqual([]);
  });

  it('is removed by the engine where the launcher dies with it in its hands', async () => {
    await using engine = await warm();
    const [waiting] = ready();
    const { remove } = Errands.prototype;
    const spy = vi.spyOn(Errands.prototype, 'remove').mockImplementation(function (this: Errands, removals) {
      spy.mockRestore();
      process.kill(waiting?.pid as number, 'SIGSTOP');
      const answer = remove.call(this, removals);
      process.kill(waiting?.pid as number, 'SIGKILL');
      killed = true;
      return answer;
    });
    let killed = false;
    const texts: string[] = [];
    const lane = async () => {
      for (let i = 0; i < 5; i++) texts.push(await outcome(engine));
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    expect(killed).toBe(true);
    // A launch that was in its hands fails; no other does.
    expect(texts.filter((text) => text !== 'done\n' && !text.startsWith('ERR_TSBOX'))).toEqual([]);
    expect(await sh(engine, 'echo again')).toBe('again\n');
    expect(readdirSync(`${root}/containers`)).toEqual([]);
  });

  it('stays with a container that stays', async () => {
    await using engine = await warm();
    const options = { image, command: ['sh', '-c', 'echo kept > /kept'], rm: false };
    const boxes = await Promise.all(Array.from({ length: 6 }, () => engine.run(options)));
    await Promise.all(boxes.map((box) => box.wait()));
    expect(cgroups()).toEqual([]);
    for (const { id } of boxes) {
      expect(readFileSync(`${root}/containers/${id}/upper/kept`, 'utf8')).toBe('kept\n');
      await (await engine.container(id)).remove();
    }
  });
});

async function outcome(engine: LibraryEngine): Promise<string> {
  return sh(engine, 'echo done').catch((error) => `${error.code ?? error.stack}`);
}

onV1.describe('what stage one needs', () => {
  /** What holds for a process of a container, as the host's files say it. */
  async function held(engine: LibraryEngine): Promise<object> {
    const box = await engine.run({ image, command: ['cat'], pidsLimit: 77, stdio: ['pipe', 'ignore', 'ignore'] });
    const paths = readFileSync(`/proc/${box.pid}/cgroup`, 'utf8').trim().split('\n');
    const text = (controller: string, file: string) => {
      const hierarchy = readCgroupLayout().hierarchies.find(({ controllers }) => controllers.includes(controller));
      return readFileSync(`${hierarchy?.mountpoint}/tsbox/${box.id}/${file}`, 'utf8');
    };
    const found = {
      outside: paths.filter((line) => !line.endsWith(`/tsbox/${box.id}`)),
      hierarchies: paths.length,
      pids: text('pids', 'pids.max'),
      devices: text('devices', 'devices.list'),
      stays: [text('memory', 'memory.limit_in_bytes')],
    };
    box.stdin?.end();
    await box.wait();
    return found;
  }

  it('is the same whoever makes it: the engine, errands, or stage one', async () => {
    await using first = await createEngine({ root, runroot, network: 'none' });
    const byStageOne = await held(first);
    expect(byStageOne).toMatchObject({
      outside: [],
      pids: '77\n',
      devices: expect.stringMatching(/^[bc] [\s\S]*c 136:\* rwm\n$/),
    });
    await using engine = await warm();
    const make = vi.spyOn(Errands.prototype, 'make');
    expect(await held(engine)).toEqual(byStageOne);
    expect(make).toHaveBeenCalledOnce();
    make.mockImplementation(() => {});
    expect(await held(engine)).toEqual(byStageOne);
    // Half of it, where the launcher ended in between.
    make.mockRestore();
    const whole = Errands.prototype.make;
    vi.spyOn(Errands.prototype, 'make').mockImplementation(function (this: Errands, items) {
      expect(items.length).toBeGreaterThan(5);
      const cut = items.map((item) => ('lines' in item ? { ...item, lines: item.lines.slice(0, 4) } : item));
      const part = cut.filter((_, index) => index % 3 !== 1);
      whole.call(this, part);
    });
    expect(await held(engine)).toEqual(byStageOne);
  });

  it('is taken back where the launch ends before there is a stage one', async () => {
    await using engine = await warm();
    const taken = await engine.create({ image, command: ['true'], name: 'taken' });
    for (let i = 0; i < 10; i++) {
      const asked = engine.run({ image, command: ['true'], name: 'taken' });
      await expect(asked).rejects.toMatchObject({ code: 'ERR_TSBOX_NAME_IN_USE', undoErrors: [] });
      const controller = new AbortController();
      const aborted = engine.run({ image, command: ['true'], signal: controller.signal });
      controller.abort();
      await expect(aborted).rejects.toThrow();
      expect(cgroups()).toEqual([]);
    }
    await taken.remove();
  });

  it('is no business of the launcher where a plugin from outside may look for it', async () => {
    const seen: string[][] = [];
    const plugin = {
      name: 'looker',
      apiVersion: 1,
      hooks: { preClone: { after: 'cgroup-v1', handler: () => void seen.push(cgroups()) } },
    };
    await using engine = await createEngine({ root, runroot, network: 'none', plugins: [plugin] });
    for (let i = 0; i < 3; i++) await sh(engine, 'true');
    const { length } = readCgroupLayout().hierarchies;
    expect(seen.map((ids) => ids.length)).toEqual([length, length, length]);
  });
});
