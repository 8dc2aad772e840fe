import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY, runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory, tempRoot } from '../../support/temp-root.js';

const state = tempRoot();
const { describe: describeRoot } = skipUnless('root', 'overlay');

/** One clear message: what and why on the first line, a way to mend it, the code last, nothing else. */
const MESSAGE = /^tsbox: .+: .+\n( {2}fix: .+\n)+ {2}ERR_TSBOX_[A-Z_]+\n( {2}tsbox explain [a-z-]+\n)?$/;

describe('a request that cannot be', () => {
  it.each<[string[], RegExp]>([
    [['--storage=nosuch'], /storage "nosuch"/],
    [['--network=nosuch'], /network "nosuch"/],
    [['--resources=nosuch'], /resources "nosuch"/],
    [['--userns=nosuch'], /userns "nosuch"/],
    [['--memory=banana'], /"banana" for --memory/],
    [['--memory', ''], /"" for --memory/],
    [['--cpus=0'], /"0" for --cpus/],
    [['--cpus=4096'], /this machine has \d+ CPUs/],
    [['--pids-limit=many'], /"many" for --pids-limit/],
    [['-p', 'http'], /"http" for --publish/],
    [['-v', '/nosuch:/x'], /mkdir -p \/nosuch/],
    [['-v', 'na/me:/x'], /neither a path nor the name of a volume/],
    [['--mount', 'type=bind,sorce=/,target=/x'], /did you mean source/],
    [['--tmpfs', 'run'], /not absolute/],
    [['-u', '4294967295'], /not an id/],
    [['-w', 'srv'], /not an absolute path/],
    [['--cap-add', 'NET_ADMN'], /did you mean NET_ADMIN/],
    [['--ulimit', 'nofiles=1'], /did you mean nofile/],
    [['--name', 'a'], /"a" for --name/],
    [['--env-file', '/nosuch'], /ENOENT/],
    [['--device', '/dev/nosuch'], /no \/dev\/nosuch/],
    [['--nosuch'], /unknown option '--nosuch'/],
    [['--memroy=1m'], /did you mean --memory/],
    [['--config', '/nosuch'], /no such file/],
    [['-it'], /the input device is not a TTY/],
  ])('run %j is one message with a fix, and status 125', async (flags, about) => {
    const { status, stdout, stderr } = await runCli([
      ...state.flags,
      'run',
      '--rm',
      '--network=none',
      ...flags,
      'host',
      'true',
    ]);
    expect(stderr).toMatch(MESSAGE);
    expect(stderr).toMatch(about);
    expect([status, stdout]).toEqual([125, '']);
  });

  it.each([
    [['run'], 125],
    [['run', '--rm'], 125],
    [['plan', '--memory=banana', 'host'], 125],
    [['nosuch'], 1],
    [['gc', '--nosuch'], 1],
    [['image', 'rm', 'nosuch'], 1],
    [['image', 'nosuch'], 1],
    [['info', '--format=xml'], 1],
  ])('tsbox %j exits %d', async (args, expected) => {
    const { status, stdout, stderr } = await runCli([...state.flags, ...args]);
    expect(stderr).toMatch(/^tsbox: .+\n(.+\n)*$/);
    expect([status, stdout]).toEqual([expected, '']);
  });

  it('an image that is not there', async () => {
    const { status, stderr } = await runCli([...state.flags, 'run', '--rm', '--network=none', 'nosuch', 'true']);
    expect(stderr).toMatch(MESSAGE);
    expect(status).toBe(125);
  });

  it('--debug shows where it came from', async () => {
    const { stderr } = await runCli(['run', '--debug', '--memory=banana', 'host', 'true']);
    expect(stderr).toMatch(/ERR_TSBOX_USAGE\nTsboxError: .*\n {4}at /);
  });

  it('FORCE_COLOR colours the message, NO_COLOR does not', async () => {
    const coloured = await runCli(['run', '--memory=banana', 'host'], { env: { FORCE_COLOR: '1' } });
    expect(coloured.stderr).toContain('\u001b[');
    const plain = await runCli(['run', '--memory=banana', 'host'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(plain.stderr).toMatch(MESSAGE);
  });
});

describe('a config file', () => {
  it('with a typo is named, with the key and the one that was meant', async () => {
    const directory = tempDirectory();
    writeFileSync(join(directory, '.tsboxrc'), 'run:\n  memroy: 1m\n');
    const { status, stderr } = await runCli(['run', 'host', 'true'], { cwd: directory });
    expect(stderr).toMatch(MESSAGE);
    expect(stderr).toContain(`unknown key "run.memroy" in ${directory}/.tsboxrc`);
    expect(stderr).toContain('did you mean "memory"?');
    expect(status).toBe(125);
  });

  it('with a bad value is named too', async () => {
    const directory = tempDirectory();
    writeFileSync(
      join(directory, 'tsbox.config.ts'),
      "const memory: string = 'banana';\nexport default { run: { memory } };\n",
    );
    const { status, stderr } = await runCli(['run', 'host', 'true'], { cwd: directory });
    expect(stderr).toContain(`invalid value "banana" for run.memory in ${directory}/tsbox.config.ts`);
    expect(status).toBe(125);
  });

  it('that others can write is refused and not run', async () => {
    const directory = tempDirectory();
    const file = join(directory, 'tsbox.config.mjs');
    writeFileSync(file, "process.stdout.write('it ran');\nexport default {};\n");
    chmodSync(file, 0o666);
    const { status, stdout, stderr } = await runCli(['run', 'host', 'true'], { cwd: directory });
    expect(stderr).toMatch(/refused the config file .*writable by everybody/);
    expect([status, stdout]).toEqual([125, '']);
  });
});

describe('an env file', () => {
  it("is the container's, and does not reach the Node that tsbox runs on", () => {
    const file = join(tempDirectory(), 'app.env');
    writeFileSync(file, 'NODE_OPTIONS=--no-such-option-of-node\n');
    const bin = join(REPOSITORY, 'dist/cli.cjs');
    const { status, stderr } = spawnSync(bin, ['run', '--env-file', file, '--cpus=0', 'host'], { encoding: 'utf8' });
    expect(stderr).toContain('for --cpus');
    expect(status).toBe(125);
  });
});

describe('a misspelt variable', () => {
  it('is warned about, unless --quiet', async () => {
    const env = { TSBOX_MEMROY: '1m' };
    const { stderr } = await runCli(['run', '--cpus=0', 'host'], { env });
    expect(stderr).toContain('tsbox: warning: TSBOX_MEMROY is no setting; TSBOX_MEMORY is\n');
    expect((await runCli(['run', '--quiet', '--cpus=0', 'host'], { env })).stderr).not.toContain('warning');
  });
});

describeRoot('a command that cannot be run', () => {
  const run = (...args: string[]) => runCli([...state.flags, 'run', '--rm', '--network=none', ...args]);

  it('is 127 when it is missing', async () => {
    const { status, stderr } = await run('host', 'no-such-command');
    expect(stderr).toMatch(MESSAGE);
    expect(status).toBe(127);
    expect((await run('host', '/no/such/command')).status).toBe(127);
  });

  it('is 126 when it is not executable', async () => {
    const { status, stderr } = await run('host', '/etc');
    expect(stderr).toMatch(MESSAGE);
    expect(status).toBe(126);
    expect((await run('host', '/etc/passwd')).status).toBe(126);
  });

  it('a user that the image does not have is 125', async () => {
    const { status, stderr } = await run('-u', 'nosuchuser', 'host', 'true');
    expect(stderr).toMatch(/nosuchuser/);
    expect(status).toBe(125);
  });
});

const { it: itBridge } = skipUnless('root', 'overlay', 'nft');

itBridge('a port of the host that is taken is one message, and nothing is left', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '0.0.0.0', () => resolve((server.address() as { port: number }).port));
  });
  try {
    const args = [...state.flags, 'run', '--rm', '--network=bridge', '-p', `${port}:80`, 'host', 'true'];
    const { status, stderr } = await runCli(args);
    expect(stderr).toMatch(MESSAGE);
    expect(stderr).toContain(String(port));
    expect(status).toBe(125);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
