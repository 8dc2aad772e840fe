import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless();
const { directory, flags } = tempRoot();
let projects = 0;

/** A project with a config file; tsbox runs in it. */
function project(files: Readonly<Record<string, string>>) {
  const cwd = join(directory, `project-${++projects}`);
  mkdirSync(cwd);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return (...args: string[]) => runCli([...flags, ...args], { cwd });
}

const AUDIT = `
import { definePlugin } from 'tsbox/plugin';

export default definePlugin({
  name: 'audit',
  apiVersion: '^1.0',
  options: { file: { type: 'string', default: '/var/log/audit' }, keep: { type: 'integer', minimum: 1 } },
  commands: {
    audit: {
      summary: 'show launches',
      usage: '[--since T]',
      run: async ({ args, options, paths, engine, print, printError }) => {
        print(JSON.stringify({ args, options, root: paths.root, drivers: (await engine.drivers()).length > 5 }));
        printError('to stderr\\n');
        return 3;
      },
    },
    stuck: { summary: 'never ends', run: () => new Promise(() => {}) },
    broken: { summary: 'throws', run: () => { throw new Error('no luck'); } },
  },
  info: ({ options }) => ({ 'log file': options.file, entries: 12 }),
});
`;

describe('a plugin in TypeScript that a config file names', () => {
  const tsbox = project({
    'audit.ts': AUDIT,
    '.tsboxrc': 'plugins: [./audit.ts]\npluginOptions: { audit: { keep: 2 } }\n',
  });

  it('has a command of its own, with its options and all that follows its name', async () => {
    const { stdout, stderr, status } = await tsbox('audit', '--since', '1h', '-x', '--', 'y');
    expect(status, stderr).toBe(3);
    expect(JSON.parse(stdout)).toEqual({
      args: ['--since', '1h', '-x', '--', 'y'],
      options: { file: '/var/log/audit', keep: 2 },
      root: join(directory, 'root'),
      drivers: true,
    });
    expect(stderr).toBe('to stderr\n');
  });

  it('has help for it, and is in the help of tsbox', async () => {
    expect((await tsbox('audit', '--help')).stdout).toContain('Usage: tsbox audit [--since T]');
    expect((await tsbox('--help')).stdout).toMatch(/audit +show launches \(plugin "audit"\)/);
  });

  it('is named when its command throws, and when that never settles', async () => {
    expect(await tsbox('broken')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('tsbox: plugin "audit" failed in its command "broken": no luck'),
    });
    expect(await tsbox('stuck')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('a plugin did not finish its command "stuck"'),
    });
  });

  it('is meant where a command is misspelt', async () => {
    const { status, stderr } = await tsbox('audti');
    expect([status, stderr]).toEqual([1, expect.stringContaining('did you mean "tsbox audit"?')]);
  });

  it('has its section in info, as text and as JSON', async () => {
    expect((await tsbox('info')).stdout).toMatch(/\naudit\nlog file +\/var\/log\/audit\nentries +12\n/);
    const { stdout } = await tsbox('info', '--format=json');
    expect(JSON.parse(stdout).plugins).toEqual({ audit: { 'log file': '/var/log/audit', entries: 12 } });
  });
});

describe('what is wrong with a plugin', () => {
  it('an option is named with plugin, key, file and the nearest key', async () => {
    const tsbox = project({
      'audit.ts': AUDIT,
      '.tsboxrc': 'plugins: [./audit.ts]\npluginOptions: { audit: { kepe: 2 } }\n',
    });
    const { status, stderr } = await tsbox('info');
    expect(status).toBe(1);
    expect(stderr).toMatch(/unknown option "pluginOptions\.audit\.kepe" in .*\/\.tsboxrc: the plugin "audit" has no/);
    expect(stderr).toContain('did you mean "keep"?');
  });

  it('so is one of a built-in driver, also where that is not used', async () => {
    const tsbox = project({ '.tsboxrc': 'driverOptions: { bridge: { mtu: big } }\n' });
    const { stderr } = await tsbox('run', '--network=none', 'host', 'true');
    expect(stderr).toMatch(/wrong option "driverOptions\.bridge\.mtu" of the plugin "net-bridge" in .*\/\.tsboxrc/);
    expect(stderr).toContain('"big" is not an integer from 576 to 65535');
  });

  it('so is a name that nobody has', async () => {
    const tsbox = project({ '.tsboxrc': 'driverOptions: { brigde: { mtu: 1400 } }\n' });
    const { stderr } = await tsbox('info');
    expect(stderr).toMatch(/unknown driver "driverOptions\.brigde" in .*\/\.tsboxrc/);
    expect(stderr).toContain('did you mean "bridge"?');
  });

  it('a command with the name of one of ours is refused by name', async () => {
    const tsbox = project({
      'tsbox.config.mjs': `
        export default { plugins: [{ name: 'greedy', apiVersion: 1, commands: { run: { summary: '', run() {} } } }] };`,
    });
    const { status, stderr } = await tsbox('run', 'host', 'true');
    expect(status).toBe(125);
    expect(stderr).toContain('plugin "greedy" cannot be loaded: its command "run" has the name of a command of tsbox');
  });

  it('help stands all the same', async () => {
    const tsbox = project({ '.tsboxrc': 'plugins: [./nosuch.ts]\n' });
    const { status, stdout, stderr } = await tsbox('--help');
    expect([status, stdout]).toEqual([0, expect.stringContaining('run a command in a new container')]);
    expect(stderr).toContain('plugins have commands too, which are not listed');
  });

  it('a section of info that throws says so, and the others are there', async () => {
    const tsbox = project({
      'tsbox.config.mjs': `
        export default { plugins: [
          { name: 'broken', apiVersion: 1, info() { throw new Error('no luck'); } },
          { name: 'sound', apiVersion: 1, info: () => ({ all: 'well' }) },
        ] };`,
    });
    const { stdout, status } = await tsbox('info', '--format=json');
    expect([status, JSON.parse(stdout).plugins]).toEqual([
      0,
      { broken: { failure: 'plugin "broken" failed in info: no luck' }, sound: { all: 'well' } },
    ]);
  });
});

describe('a plugin in the config file itself', () => {
  it('takes part like any other, with its options', async () => {
    const tsbox = project({
      'tsbox.config.ts': `
        import { defineConfig } from 'tsbox';
        import { definePlugin } from 'tsbox/plugin';
        const greeter = definePlugin({
          name: 'greeter',
          apiVersion: 1,
          options: { word: { type: 'string', enum: ['hello', 'good day'], default: 'hello' } },
          commands: { greeter: { summary: 'greets', run: ({ options, print }) => void print(options.word) } },
        });
        export default defineConfig({ plugins: [greeter], pluginOptions: { greeter: { word: 'good day' } } });`,
    });
    expect(await tsbox('greeter')).toEqual({ status: 0, stdout: 'good day', stderr: '' });
  });
});
