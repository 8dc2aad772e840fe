import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, vi } from 'vitest';
import { KeptPrograms } from '../../../core/engine/kept-programs.js';
import { type BoxOptions, createEngine, type LibraryEngine, type TsboxError } from '../../../core/index.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { readRlimit } from '../../../core/kernel/rlimits.js';
import { definePlugin, type PluginDefinition, WORKS } from '../../../core/plugin/index.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay');
const { directory, root, runroot } = tempRoot();
const image = `${directory}/image`;
beforeAll(() => void busyboxImage(image));
afterAll(() => vi.restoreAllMocks());

/** How many launches took a program that was kept. */
let taken = 0;
beforeAll(() => {
  const { find } = KeptPrograms.prototype;
  vi.spyOn(KeptPrograms.prototype, 'find').mockImplementation(function (this: KeptPrograms, key, id) {
    const found = find.call(this, key, id);
    if (found) taken++;
    return found;
  });
});
beforeEach(() => {
  taken = 0;
});

const open = (...plugins: PluginDefinition[]) => createEngine({ root, runroot, network: 'none', plugins });

async function sh(engine: LibraryEngine, script: string, more: Partial<BoxOptions> = {}): Promise<string> {
  const box = await engine.run({ image, command: ['sh', '-c', script], ...more });
  return (await box.result()).stdout;
}

/** Launches three times: by then the program is one that was kept. */
async function warm(engine: LibraryEngine, script: string, more: Partial<BoxOptions> = {}): Promise<string> {
  await sh(engine, script, more);
  await sh(engine, script, more);
  const text = await sh(engine, script, more);
  expect(taken).toBe(1);
  return text;
}

describe('what changes between two launches is seen by the next', () => {
  it('a file that is bound, and is a directory now', async () => {
    await using engine = await open();
    const source = `${directory}/source`;
    writeFileSync(source, 'text\n');
    const asked = { volume: [`${source}:/in/it`] };
    const script = 'cat /in/it || ls /in/it';
    expect(await warm(engine, script, asked)).toBe('text\n');
    rmSync(source);
    mkdirSync(source);
    writeFileSync(`${source}/inner`, '');
    expect(await sh(engine, script, asked)).toBe('inner\n');
    rmSync(source, { recursive: true });
    writeFileSync(source, 'again\n');
    expect(await sh(engine, script, asked)).toBe('again\n');
  });

  it('an account in the image, at once and when its file has been left alone', async () => {
    await using engine = await open();
    const passwd = `${image}/etc/passwd`;
    const before = readFileSync(passwd);
    const id = () => sh(engine, 'id -u', { user: 'bob' });
    const is = (uid: number) => writeFileSync(passwd, `${before}bob:x:${uid}:${uid}::/:/bin/sh\n`);
    await expect(id()).rejects.toThrow('bob');
    appendFileSync(passwd, 'bob:x:2001:2001::/:/bin/sh\n');
    expect(await id()).toBe('2001\n');
    // The same size, and not a clock tick later.
    for (const uid of [2002, 2003, 2004]) {
      is(uid);
      expect(await id()).toBe(`${uid}\n`);
    }
    // Long enough to be remembered, and asked for twice.
    await sleep(80);
    expect([await id(), await id()]).toEqual(['2004\n', '2004\n']);
    is(2005);
    expect(await id()).toBe('2005\n');
    await sleep(80);
    rmSync(passwd);
    writeFileSync(passwd, `${before}bob:x:2006:2006::/:/bin/sh\n`);
    expect(await id()).toBe('2006\n');
    writeFileSync(passwd, before);
    await expect(id()).rejects.toThrow('bob');
  });

  it("a limit of the engine's own process", async () => {
    await using engine = await open();
    const own = readRlimit(new LibcGate(), 'nofile');
    const set = (pair: string) => execFileSync('prlimit', ['--pid', `${process.pid}`, pair]);
    const script = 'ulimit -Sn; ulimit -Sf';
    const usual = await warm(engine, script);
    try {
      for (const number of [700, 701, 900]) {
        // Soft ones: to raise a hard limit again takes more than root may be allowed to here.
        set(`--nofile=${number}:`);
        set(`--fsize=${number * 1000 * 512}:`);
        expect(await sh(engine, script)).toBe(`${number}\n${number}000\n`);
      }
    } finally {
      set(`--nofile=${own.soft}:`);
      set('--fsize=unlimited:');
    }
    expect(await sh(engine, script)).toBe(usual);
  });

  it('a mount on the host, in the image of the host', async () => {
    await using engine = await open();
    // Below /tmp there is a fresh directory in a view of the host.
    const place = mkdtempSync('/var/tmp/tsbox-place-');
    const script = `test -e ${place}/env && echo there; exit 0`;
    const asked = { image: 'host' };
    expect(await warm(engine, script, asked)).toBe('');
    execFileSync('mount', ['--bind', '/usr/bin', place]);
    try {
      expect(await sh(engine, script, asked)).toBe('there\n');
    } finally {
      execFileSync('umount', [place]);
    }
    expect(await sh(engine, script, asked)).toBe('');
    rmdirSync(place);
  });
});

describe('a plugin from outside that records', () => {
  let recorded = 0;
  beforeEach(() => {
    recorded = 0;
  });
  /** Sets the host name to what it is told. */
  const hooks = (text: () => string, recordKey?: () => string | undefined) =>
    definePlugin({
      name: 'namer',
      apiVersion: 1,
      ...(recordKey && { recordKey }),
      hooks: {
        childSetup: ({ child }) => {
          recorded++;
          child.inside.call('sethostname', [text(), text().length]);
        },
      },
    });
  const driver = (text: () => string, recordKey?: () => string | undefined) =>
    definePlugin({
      name: 'namer',
      apiVersion: 1,
      drivers: {
        security: {
          namer: () => ({
            check: () => WORKS,
            ...(recordKey && { recordKey }),
            record: ({ inside }) => {
              recorded++;
              inside.call('sethostname', [text(), text().length]);
            },
          }),
        },
      },
    });

  it.each([
    ['hooks', hooks, {}],
    ['a driver', driver, { security: 'namer' }],
  ] as const)('with %s: at every launch, or when its answer changes', async (_, plugin, asked) => {
    let name = 'one';
    const text = () => name;
    {
      await using engine = await open(plugin(text));
      for (name of ['one', 'one', 'one', 'two']) expect(await sh(engine, 'hostname', asked)).toBe(`${name}\n`);
      expect([recorded, taken]).toEqual([4, 0]);
    }
    recorded = 0;
    await using engine = await open(plugin(text, text));
    for (name of ['one', 'one', 'one', 'two', 'two', 'one'])
      expect(await sh(engine, 'hostname', asked)).toBe(`${name}\n`);
    // The first is not kept: the second records as well.
    expect([recorded, taken]).toEqual([3, 3]);
  });

  it('may say that it cannot say', async () => {
    await using engine = await open(
      hooks(
        () => 'one',
        () => undefined,
      ),
    );
    for (let i = 0; i < 3; i++) await sh(engine, 'true');
    expect([recorded, taken]).toEqual([3, 0]);
  });

  it.each([
    ['hooks', hooks, {}, 'plugin "namer" failed in recordKey: no idea'],
    ['a driver', driver, { security: 'namer' }, 'recordKey of its security driver "namer": no idea'],
  ] as const)('with %s is named when it throws there', async (_, plugin, asked, message) => {
    const fail = () => {
      throw new Error('no idea');
    };
    await using engine = await open(plugin(() => 'one', fail));
    await expect(sh(engine, 'true', asked)).rejects.toMatchObject({
      code: 'ERR_TSBOX_PLUGIN',
      message: expect.stringContaining(message),
    });
  });
});

describe('a program that was kept and fails', () => {
  it('is told and written down with the ids of its own container', async () => {
    const ids: string[] = [];
    let breaks = false;
    const thief = definePlugin({
      name: 'thief',
      apiVersion: 1,
      hooks: {
        preClone: ({ launch }) => {
          ids.push(launch.id);
          if (breaks) rmSync(`${launch.paths.container}/upper`, { recursive: true });
        },
      },
    });
    await using engine = await open(thief);
    await warm(engine, 'true');
    breaks = true;
    const failed = await sh(engine, 'true').catch((error: Error) => error);
    expect(taken).toBe(2);
    const [first, second, third, own] = ids as [string, string, string, string];
    const { message, facts } = failed as TsboxError;
    expect(facts).toMatchObject({ kind: 'op', plugin: 'storage-overlay', target: expect.stringContaining(own) });
    expect(message).toContain(`/containers/${own}/upper`);
    const written = readFileSync(`${root}/failures/${readdirSync(`${root}/failures`).sort().at(-1)}`, 'utf8');
    expect(written).toContain(`/containers/${own}/merged`);
    for (const id of [first, second, third]) expect(`${message}${written}`).not.toContain(id.slice(0, 12));
  });
});
