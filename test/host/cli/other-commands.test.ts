import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY, runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const state = tempRoot();
const tsbox = (...args: string[]) => runCli([...state.flags, ...args]);
const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };

describe('help and version', () => {
  it('the version is that of the package', async () => {
    for (const words of [['version'], ['--version'], ['-v']]) {
      expect(await runCli(words)).toEqual({ status: 0, stdout: `tsbox ${version}\n`, stderr: '' });
    }
  });

  it('help lists the commands; that of a command lists its options', async () => {
    for (const words of [[], ['--help'], ['-h'], ['help']]) {
      const { status, stdout } = await runCli(words);
      expect([status, stdout]).toEqual([
        0,
        expect.stringMatching(/^Usage: tsbox .*[\s\S]*\n {2}run .*[\s\S]*\n {2}plan /),
      ]);
    }
    for (const words of [
      ['run', '--help'],
      ['help', 'run'],
    ]) {
      expect((await runCli(words)).stdout).toMatch(
        /Usage: tsbox run \[OPTIONS\] IMAGE[\s\S]*--memory <size>[\s\S]*--root <directory>/,
      );
    }
  });

  it('a command without its subcommand prints its help and fails', async () => {
    const { status, stdout, stderr } = await runCli(['image']);
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining('from-host')]);
  });
});

describe('info', () => {
  it('says of every driver whether it works, and why not', async () => {
    const { status, stdout } = await tsbox('info', '--format=json');
    expect(status).toBe(0);
    const { drivers, features, root } = JSON.parse(stdout);
    expect(root).toBe(state.root);
    const names = drivers.map(({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`);
    expect(names).toEqual(
      expect.arrayContaining([
        'storage overlay',
        'storage copy',
        'network bridge',
        'network none',
        'network host',
        'resources none',
        'userns host',
      ]),
    );
    for (const { support } of drivers) {
      if (!support.works)
        expect(support).toMatchObject({ reason: expect.stringMatching(/./), fix: expect.stringMatching(/./) });
    }
    const available = (group: string) => features.filter((one: { group: string }) => one.group === group);
    expect(available('namespace')).toHaveLength(8);
    expect(available('cgroup')[0]).toMatchObject({
      name: 'layout',
      detail: expect.stringMatching(/^(v1|v2|hybrid|none)$/),
    });
  });

  it('is a table for people', async () => {
    const { stdout } = await tsbox('info');
    expect(stdout).toMatch(/^namespace +pid +yes/m);
    expect(stdout).toMatch(/^storage +overlay +(works|does not work)/m);
  });
});

describe('plan', () => {
  const { it: itRoot } = skipUnless('root', 'overlay');

  itRoot('prints every step with its plugin, and does nothing', async () => {
    const { status, stdout, stderr } = await tsbox('plan', '--network=none', '--storage=overlay', 'host', 'true');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^engine +storage-overlay +mkdir /m);
    expect(stdout).toMatch(/^launcher +engine +clone3 /m);
    expect(stdout).toMatch(/^child +storage-overlay +fsopen +overlay/m);
    expect(stdout).toMatch(/^child +engine +execve +\S*true true/m);
    expect(existsSync(join(state.root, 'containers'))).toBe(false);
    expect(readdirSync(state.runroot)).toEqual([]);
  });

  itRoot('is one array of the same entries with --format json, and one a line with jsonl', async () => {
    const plan = (format: string) => tsbox('plan', format, '--network=none', 'host', 'true');
    const entries = JSON.parse((await plan('--format=json')).stdout);
    expect(entries.find(({ action }: { action: string }) => action === 'clone3')).toMatchObject({
      where: 'launcher',
      plugin: 'engine',
    });
    const lines = (await plan('--format=jsonl')).stdout.trim().split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line)).slice(0, 2))).toEqual(
      entries.map(() => ['where', 'plugin']),
    );
  });
});

describe('gc', () => {
  it('finds nothing where nothing was', async () => {
    expect(await tsbox('gc')).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
