import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../core/config/load-config.js';
import type { TsboxError } from '../../../core/plugin/error.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tsbox-config-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const caller = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };

function write(name: string, content: string): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** Loads as if started in `at`; the user's config directory is `home` below the test's own. */
function load(at = 'project', file?: string) {
  mkdirSync(join(directory, at), { recursive: true });
  const environment = { XDG_CONFIG_HOME: join(directory, 'home') };
  return loadConfig({ directory: join(directory, at), environment, caller, ...(file !== undefined && { file }) });
}

async function refused(at?: string, file?: string): Promise<TsboxError> {
  return load(at, file).then(
    () => Promise.reject(new Error('it was accepted')),
    (error: TsboxError) => error,
  );
}

describe('which file', () => {
  it.each([
    [
      'tsbox.config.ts',
      "import { defineConfig } from 'tsbox';\nexport default defineConfig({ run: { memory: '1m' as string } });",
    ],
    ['tsbox.config.mjs', "export default { run: { memory: '1m' } };"],
    ['tsbox.config.cjs', "module.exports = { run: { memory: '1m' } };"],
    ['tsbox.config.js', "module.exports = { run: { memory: '1m' } };"],
    ['.tsboxrc', 'run:\n  memory: 1m\n'],
    ['.tsboxrc.json', '{ "run": { "memory": "1m" } }'],
    ['.tsboxrc.yaml', 'run:\n  memory: 1m\n'],
    ['.tsboxrc.yml', '{ run: { memory: 1m } }'],
    ['package.json', '{ "name": "x", "tsbox": { "run": { "memory": "1m" } } }'],
  ])('%s of the project is read', async (name, content) => {
    const path = write(`project/${name}`, content);
    const { layers, files } = await load();
    expect(files).toEqual([path]);
    expect(layers).toEqual([{ kind: 'file', file: path, directory: dirname(path), values: { memory: '1m' } }]);
  });

  it('an ES module that imports tsbox works where tsbox is not installed beside it', async () => {
    write(
      'project/tsbox.config.mjs',
      "import { defineConfig } from 'tsbox';\nexport default defineConfig({ storage: 'copy' });",
    );
    expect((await load()).layers[0]?.values).toEqual({ storage: 'copy' });
  });

  it('the nearest directory upwards counts', async () => {
    write('project/.tsboxrc', 'storage: copy');
    write('.tsboxrc', 'storage: overlay');
    expect((await load('project/a/b')).layers.map(({ values }) => values)).toEqual([{ storage: 'copy' }]);
  });

  it('a package.json without the key, or that is no JSON, is passed by', async () => {
    write('project/a/package.json', '{ "name": "tsbox", "dependencies": { "tsbox": "1" } }');
    write('project/a/b/package.json', '{ "tsbox": broken');
    write('project/.tsboxrc', 'storage: copy');
    expect((await load('project/a/b')).layers).toHaveLength(1);
  });

  it('the user has one too, which is farther', async () => {
    write('project/.tsboxrc', 'storage: copy');
    write('home/tsbox/config.json', '{ "storage": "overlay", "network": "host" }');
    expect((await load()).layers.map(({ values }) => values)).toEqual([
      { storage: 'copy' },
      { storage: 'overlay', network: 'host' },
    ]);
  });

  it('--config stands in for the search', async () => {
    write('project/.tsboxrc', 'storage: copy');
    write('other.yaml', 'storage: overlay');
    expect((await load('project', '../other.yaml')).layers[0]?.values).toEqual({ storage: 'overlay' });
    expect((await refused('project', '../nosuch.yaml')).why).toBe('there is no such file');
  });

  it('none is no mistake, nor is an empty one', async () => {
    expect(await load()).toMatchObject({ files: [], layers: [], plugins: [], driverOptions: {}, paths: {} });
    write('project/.tsboxrc', '');
    expect((await load()).layers[0]?.values).toEqual({});
  });
});

describe('what it says', () => {
  it('the project wins over the user, driver option by driver option', async () => {
    write('project/.tsboxrc', 'driverOptions: { bridge: { subnet: 10.1.0.0/24 } }\nroot: state');
    write(
      'home/tsbox/config.yaml',
      'driverOptions: { bridge: { subnet: 10.2.0.0/24, mtu: 1400 }, overlay: { x: 1 } }\nroot: /u\nrunroot: /r',
    );
    const { driverOptions, paths } = await load();
    expect(driverOptions).toEqual({ bridge: { subnet: '10.1.0.0/24', mtu: 1400 }, overlay: { x: 1 } });
    expect(paths).toEqual({ root: join(directory, 'project/state'), runroot: '/r' });
  });

  it('a driver that run names is nearer than one beside it', async () => {
    write('project/.tsboxrc', 'network: host\nstorage: copy\nrun: { network: none }');
    expect((await load()).layers[0]?.values).toEqual({ network: 'none', storage: 'copy' });
  });

  it('an unknown key is named with its file and the one that was meant', async () => {
    const path = write('project/.tsboxrc', 'run: { memroy: 1m }');
    expect(await refused()).toMatchObject({
      code: 'ERR_TSBOX_CONFIG',
      what: `unknown key "run.memroy" in ${path}:1`,
      fixes: ['did you mean "memory"?'],
    });
    write('project/.tsboxrc', 'storge: copy');
    expect((await refused()).fixes).toEqual(['did you mean "storage"?']);
  });

  it('a setting of run beside run is told where it goes', async () => {
    write('project/.tsboxrc', 'memory: 1m');
    expect((await refused()).fixes).toEqual(['a default for run goes into "run": { "memory": … }']);
  });

  it.each([
    ['run: { rm: 1 }', 'run.rm', '1 is not a boolean'],
    ['run: { publish: 80 }', 'run.publish', '80 is not a list'],
    ['run: { memory: [] }', 'run.memory', '[] is not a string or a number'],
    ['run: 1', 'run', '1 is not an object'],
    ['plugins: x', 'plugins', '"x" is not a list'],
    ['[]', 'the whole', '[] is not an object'],
    ['driverOptions: { bridge: 1 }', 'driverOptions.bridge', '1 is not a record'],
  ])('%s is the wrong shape', async (content, where, why) => {
    const path = write('project/.tsboxrc', content);
    expect(await refused()).toMatchObject({ what: `wrong value for "${where}" in ${path}:1`, why });
  });

  it.each([
    ['.tsboxrc.json', '{ "run": '],
    ['.tsboxrc.yaml', 'run: [1'],
    ['tsbox.config.mjs', 'export default {'],
    ['tsbox.config.mjs', "throw new Error('mine');"],
    ['tsbox.config.ts', 'export default { as as };'],
  ])('%s that cannot be read is named', async (name, content) => {
    const path = write(`project/${name}`, content);
    expect(await refused()).toMatchObject({ code: 'ERR_TSBOX_CONFIG', what: `cannot read the config file ${path}` });
  });
});

describe('whose it is', () => {
  it('a file that everybody can write is refused', async () => {
    const path = write('project/.tsboxrc', 'storage: copy');
    chmodSync(path, 0o666);
    expect(await refused()).toMatchObject({
      what: `refused the config file ${path}`,
      why: expect.stringContaining('writable by everybody'),
    });
  });

  it('so is one in a directory where everybody can put another in its place', async () => {
    write('project/.tsboxrc', 'storage: copy');
    chmodSync(join(directory, 'project'), 0o777);
    expect((await refused()).why).toContain(`its directory ${directory}/project is writable by everybody`);
    chmodSync(join(directory, 'project'), 0o1777);
    expect((await load()).layers).toHaveLength(1);
  });

  it.skipIf(caller.uid !== 0)('so is one of another user, also behind a link', async () => {
    const path = write('project/real', 'storage: copy');
    chownSync(path, 1234, 0);
    symlinkSync(path, join(directory, 'project/.tsboxrc'));
    expect((await refused()).why).toContain('owned by user 1234');
  });

  it.skipIf(caller.uid !== 0)('so is one that a group can write', async () => {
    const path = write('project/.tsboxrc', 'storage: copy');
    chownSync(path, 0, 1234);
    chmodSync(path, 0o664);
    expect((await refused()).why).toContain('writable by group 1234');
  });

  it('a file that is refused is not run', async () => {
    const path = write('project/tsbox.config.mjs', 'globalThis.tsboxTestRan = true;\nexport default {};');
    chmodSync(path, 0o666);
    await refused();
    expect(globalThis).not.toHaveProperty('tsboxTestRan');
  });

  it("another tool's .config/config.js is not run", async () => {
    write('project/.config/config.cjs', 'globalThis.tsboxTestMeta = true; module.exports = {};');
    write('project/.tsboxrc', 'storage: copy');
    const before = process.cwd();
    process.chdir(join(directory, 'project'));
    try {
      await load();
    } finally {
      process.chdir(before);
    }
    expect(globalThis).not.toHaveProperty('tsboxTestMeta');
  });
});

describe('plugins', () => {
  const PLUGIN =
    "import { definePlugin } from 'tsbox/plugin';\nexport default definePlugin({ name: 'mine', apiVersion: 1, hooks: {} });";

  it.each(['mine.ts', 'mine.mjs'])('%s is found beside the config file', async (name) => {
    const module = write(`project/plugins/${name}`, PLUGIN);
    write('project/.tsboxrc', `plugins: [./plugins/${name}]`);
    const { plugins } = await load('project/a');
    expect(plugins).toMatchObject([{ module, definition: { name: 'mine', apiVersion: 1 } }]);
  });

  it('a package is found from where the config file is', async () => {
    const manifest = '{ "name": "box-plugin", "type": "module", "exports": { "import": "./main.js" } }';
    write('project/node_modules/box-plugin/package.json', manifest);
    const module = write(
      'project/node_modules/box-plugin/main.js',
      "export default { name: 'packed', apiVersion: 1 };",
    );
    write('project/.tsboxrc', 'plugins: [box-plugin]');
    expect((await load('project/a')).plugins).toMatchObject([{ module, definition: { name: 'packed' } }]);
  });

  it('one that is missing, is none, or is not to be trusted is refused by name', async () => {
    write('project/.tsboxrc', 'plugins: [./nosuch.mjs]');
    expect(await refused()).toMatchObject({ code: 'ERR_TSBOX_PLUGIN', what: expect.stringContaining('./nosuch.mjs') });
    write('project/.tsboxrc', 'plugins: [no-such-package]');
    expect((await refused()).fixes).toEqual(['npm install no-such-package']);
    const path = write('project/none.mjs', 'export default 1;');
    write('project/.tsboxrc', 'plugins: [./none.mjs]');
    expect((await refused()).why).toContain('definePlugin');
    chmodSync(path, 0o666);
    expect(await refused()).toMatchObject({ what: `refused the plugin ${path}` });
  });
});
