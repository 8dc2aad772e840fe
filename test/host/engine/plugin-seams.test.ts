import { mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { createEngine, type LibraryEngine } from '../../../core/index.js';
import {
  definePlugin,
  type Launch,
  Memory,
  type PluginDefinition,
  PR_CAPBSET_DROP,
  WORKS,
} from '../../../core/plugin/index.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');
const { directory, root, runroot } = tempRoot();
const images = join(directory, 'images');
mkdirSync(images);
const image = busyboxImage(join(images, 'box'));
const NET_RAW = 13;
const LANDLOCK_ACCESS_FS_WRITE_FILE = 2n;

const open = (plugin: PluginDefinition): Promise<LibraryEngine> =>
  createEngine({ root, runroot, network: 'none', plugins: [plugin] });

afterAll(() => {
  expect([
    ...readdirSync(join(root, 'containers')),
    ...readdirSync(join(root, 'names')),
    ...readdirSync(join(runroot, 'journal')),
  ]).toEqual([]);
});

describe('a security driver of a plugin', () => {
  /** Nothing can be written to but what is open already; and no raw sockets for the command. */
  const walls = definePlugin({
    name: 'walls',
    apiVersion: 1,
    options: { capability: { type: 'integer', default: NET_RAW } },
    drivers: {
      security: {
        walls: (_, { capability }) => ({
          check: () => WORKS,
          record: ({ inside }) => {
            const handled = new Memory(8, 'ruleset').u64(0, LANDLOCK_ACCESS_FS_WRITE_FILE);
            const ruleset = inside.callTo('ruleset', 'landlock_create_ruleset', [handled, 8, 0]);
            inside.call('landlock_restrict_self', [ruleset, 0], { note: 'nothing can be written to' });
            inside.call('prctl', [PR_CAPBSET_DROP, capability, 0, 0, 0]);
          },
        }),
      },
    },
  });
  const command = ['sh', '-c', 'grep CapBnd /proc/self/status; echo x > /etc/x; echo status $?'];
  const capabilities = (text: string) => BigInt(`0x${/CapBnd:\s+([0-9a-f]+)/.exec(text)?.[1]}`);

  it('adds to the sandbox: Landlock, and a capability fewer', async () => {
    await using engine = await open(walls);
    const without = await (await engine.run({ image, command })).result();
    expect(without.stdout).toContain('status 0');
    expect((capabilities(without.stdout) >> BigInt(NET_RAW)) & 1n).toBe(1n);
    const { stdout, stderr } = await (await engine.run({ image, command, security: 'walls' })).result();
    expect(stdout).toContain('status 1');
    expect(stderr).toContain('Permission denied');
    expect((capabilities(stdout) >> BigInt(NET_RAW)) & 1n).toBe(0n);
  });

  it('is there for an exec, and when the container starts again', async () => {
    await using engine = await open(walls);
    const box = await engine.runDetached({ image, command: ['sleep', '100'], security: 'walls' });
    const shown = async () => (await box.exec({ command: [...command] })).result();
    const first = await shown();
    expect([first.stdout, first.stderr]).toEqual([
      expect.stringContaining('status 1'),
      expect.stringContaining('Permission denied'),
    ]);
    expect((capabilities(first.stdout) >> BigInt(NET_RAW)) & 1n).toBe(0n);
    await box.stop({ timeout: 0 });
    await box.start();
    expect((await shown()).stdout).toContain('status 1');
    await box.remove({ force: true });
  });

  it('is in the plan and in the list of drivers, and a wrong name is answered', async () => {
    await using engine = await open(walls);
    const { entries } = await engine.plan({ image, command, security: 'walls' });
    const own = entries.filter(({ plugin }) => plugin === 'walls').map(({ action }) => action);
    expect(own).toEqual(['landlock_create_ruleset', 'landlock_restrict_self', 'prctl']);
    const kinds = (await engine.drivers()).filter(({ kind }) => kind === 'security').map(({ name }) => name);
    expect(kinds).toEqual(['none', 'walls']);
    await expect(engine.run({ image, security: 'wals' })).rejects.toMatchObject({
      code: 'ERR_TSBOX_NO_SUCH_DRIVER',
      fixes: expect.arrayContaining(['did you mean --security=walls?']),
    });
  });
});

describe('an image driver of a plugin', () => {
  const shelf = definePlugin({
    name: 'shelf',
    apiVersion: 1,
    options: { directory: { type: 'string', required: true } },
    drivers: {
      image: {
        shelf: (_, options) => ({
          check: () => WORKS,
          resolve: async (_reference, { rest }) => {
            if (rest === 'relative') return { layers: ['box'] };
            return { layers: [join(options.directory, rest)], config: { cmd: ['echo', 'from the shelf'] } };
          },
        }),
      },
    },
  });
  const engineWith = (more: object = {}) =>
    createEngine({
      root,
      runroot,
      network: 'none',
      plugins: [shelf],
      pluginOptions: { shelf: { directory: images } },
      ...more,
    });

  it('resolves references that begin with its name', async () => {
    await using engine = await engineWith();
    const { stdout, status } = await (await engine.run({ image: 'shelf:box' })).result();
    expect([stdout, status]).toEqual(['from the shelf\n', 0]);
    // Paths are paths still.
    expect((await (await engine.run({ image, command: ['true'] })).result()).status).toBe(0);
  });

  it('is not asked when a container starts again', async () => {
    await using engine = await engineWith();
    const made = await engine.create({ image: 'shelf:box', command: ['sleep', '100'] });
    await made.start();
    expect((await (await made.exec({ command: ['ls', '/bin/busybox'] })).result()).stdout).toBe('/bin/busybox\n');
    await made.remove({ force: true });
  });

  it('that gives what cannot be layers is named', async () => {
    await using engine = await engineWith();
    await expect(engine.run({ image: 'shelf:nosuch' })).rejects.toMatchObject({
      code: 'ERR_TSBOX_PLUGIN',
      message: `plugin "shelf" failed in resolve of its image driver "shelf": its layer ${images}/nosuch is no directory`,
    });
    await expect(engine.run({ image: 'shelf:relative' })).rejects.toThrow('its layer "box" is no absolute path');
  });

  it('that lacks a required option says which, once it is asked for', async () => {
    await using engine = await engineWith({ pluginOptions: {} });
    expect((await (await engine.run({ image, command: ['true'] })).result()).status).toBe(0);
    await expect(engine.run({ image: 'shelf:box' })).rejects.toMatchObject({
      code: 'ERR_TSBOX_CONFIG',
      what: 'the plugin "shelf" cannot be used without its option "directory"',
    });
  });
});

describe('a log driver of a plugin', () => {
  const file = (id: string) => join(directory, `${id}.log`);
  const drivers = (reads: boolean) => ({
    log: {
      plain: () => ({
        capabilities: { options: ['tag'] },
        check: () => WORKS,
        open: async (launch: Launch) => {
          const path = file(launch.id);
          const fd = await launch.step({
            action: 'open',
            target: path,
            run: () => openSync(path, 'a'),
          });
          writeFileSync(fd, `${launch.spec.log.options?.tag ?? 'no tag'}\n`);
          return { stdout: fd, stderr: fd };
        },
        ...(reads && {
          read: async function* ({ id }: { id: string }) {
            for (const text of readFileSync(file(id), 'utf8').split(/(?<=\n)/))
              yield { stream: 'stdout' as const, text: Buffer.from(text) };
          },
        }),
      }),
    },
  });
  const command = ['sh', '-c', 'echo out; echo err >&2'];

  it('has the output of a detached container, each time that it starts', async () => {
    await using engine = await open(definePlugin({ name: 'plain', apiVersion: 1, drivers: drivers(false) }));
    const options = { image, command, logDriver: 'plain', logOpt: ['tag=t1'] };
    const box = await engine.runDetached(options);
    await box.wait();
    expect(readFileSync(file(box.id), 'utf8')).toBe('t1\nout\nerr\n');
    await box.start();
    await box.wait();
    expect(readFileSync(file(box.id), 'utf8')).toBe('t1\nout\nerr\nt1\nout\nerr\n');
    await expect(box.logs().next()).rejects.toThrow(
      'its output goes to the log driver "plain", which keeps no log here',
    );
    await expect(box.attach({ since: 0n })).rejects.toThrow('its output goes to the log driver "plain"');
    await box.remove();
  });

  it('is read by logs where it can be', async () => {
    await using engine = await open(definePlugin({ name: 'plain', apiVersion: 1, drivers: drivers(true) }));
    const box = await engine.runDetached({ image, command, logDriver: 'plain' });
    await box.wait();
    const texts: string[] = [];
    for await (const { text } of box.logs({ tail: 2 })) texts.push(text.toString());
    expect(texts).toEqual(['out\n', 'err\n']);
    await expect(box.logs({ follow: true }).next()).rejects.toThrow('cannot be followed');
    await box.remove();
  });

  it.each([
    [{ tty: true }, 'log driver "plain" takes no container with a terminal'],
    [{ logOpt: ['tga=x'] }, 'cannot use --log-opt tga: the log driver "plain" has no such option'],
    [
      { logDriver: 'plian' },
      'cannot use log "plian": there is no log driver of that name; there are file, none, plain',
    ],
  ])('refuses %j', async (more, message) => {
    await using engine = await open(definePlugin({ name: 'plain', apiVersion: 1, drivers: drivers(false) }));
    await expect(engine.runDetached({ image, command, logDriver: 'plain', ...more })).rejects.toThrow(message);
  });

  it('that gives no descriptors is named, and the launch is undone', async () => {
    const broken = definePlugin({
      name: 'broken',
      apiVersion: 1,
      drivers: {
        log: {
          broken: () => ({
            capabilities: { options: [] },
            check: () => WORKS,
            open: async () => ({ stdout: 1, stderr: 9999 }),
          }),
        },
      },
    });
    await using engine = await open(broken);
    await expect(engine.runDetached({ image, command, logDriver: 'broken' })).rejects.toMatchObject({
      code: 'ERR_TSBOX_PLUGIN',
      message: expect.stringContaining('plugin "broken" failed in open of its log driver "broken": its stdout is no'),
    });
  });
});
