import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { finished, runCli, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory, tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'overlay');
const state = tempRoot();
const RUN = [...state.flags, 'run', '--network=none'];
const run = (args: readonly string[], options?: Parameters<typeof runCli>[1]) =>
  runCli([...RUN, '--rm', ...args], options);

/** Starts a container whose command says when it is ready. */
async function started(flags: readonly string[], script: string) {
  const child = startCli([...RUN, '--rm', ...flags, 'host', 'sh', '-c', script]);
  const result = finished(child);
  await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  return { child, result };
}

describe('the exit status', () => {
  it.each([0, 1, 3, 125, 255])('is that of the command: %d', async (code) => {
    expect(await run(['host', 'sh', '-c', `exit ${code}`])).toEqual({ status: code, stdout: '', stderr: '' });
  });

  it('is 128 and the signal when one ended it', async () => {
    // Outside a pid namespace of its own a command can be killed by its own signals.
    expect((await run(['--pid=host', 'host', 'sh', '-c', 'kill -TERM $$'])).status).toBe(143);
    expect((await run(['--pid=host', 'host', 'sh', '-c', 'kill -KILL $$'])).status).toBe(137);
  });

  it('an out-of-memory kill is 137 and says so', async () => {
    const script = 'x=a; while :; do x=$x$x; done';
    const { status, stderr } = await run(['-m', '32m', 'host', 'sh', '-c', script]);
    expect(stderr).toMatch(/^tsbox: .*memory.*\n$/i);
    expect(status).toBe(137);
  });
});

describe('stdin, stdout and stderr', () => {
  it('are the callers own: nothing is copied, stdout carries data only', async () => {
    expect(await run(['host', 'sh', '-c', 'echo out; echo err >&2'])).toEqual({
      status: 0,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('stdin is empty, and open with -i', async () => {
    expect((await run(['host', 'cat'], { input: 'hello' })).stdout).toBe('');
    expect((await run(['-i', 'host', 'cat'], { input: 'hello' })).stdout).toBe('hello');
  });

  it('bytes pass through as they are', async () => {
    const bytes = 'a'.repeat(300_000);
    expect((await run(['-i', 'host', 'cat'], { input: bytes })).stdout).toBe(bytes);
  });
});

describe('signals', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const)(
    '%s reaches the command',
    async (signal) => {
      const name = signal.slice(3);
      const { child, result } = await started(
        [],
        `trap 'echo got ${name}; exit 9' ${name}; echo ready; while :; do sleep 0.1; done`,
      );
      child.kill(signal);
      const { status, stdout } = await result;
      expect([status, stdout]).toEqual([9, `ready\ngot ${name}\n`]);
    },
  );

  it('a command that ignores them is killed by the third request', async () => {
    const { child, result } = await started([], "trap '' INT; echo ready; while :; do sleep 0.1; done");
    for (let count = 0; count < 3; count++) {
      child.kill('SIGINT');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect((await result).status).toBe(137);
  });
});

describe('the container that stays', () => {
  it('is gone with --rm and there without', async () => {
    const containers = () => readdirSync(join(state.root, 'containers'));
    const before = containers();
    await run(['host', 'true']);
    expect(containers()).toEqual(before);
    await runCli([...RUN, 'host', 'true']);
    expect(containers()).toHaveLength(before.length + 1);
  });
});

describe('settings', () => {
  it('come from flags, variables and files, in this order', async () => {
    const directory = tempDirectory();
    writeFileSync(join(directory, '.tsboxrc'), 'network: none\nrun: { hostname: file, env: { A: file, B: file } }\n');
    const show = ['host', 'sh', '-c', 'echo $(hostname) $A $B'];
    const from = async (flags: string[], env: Record<string, string> = {}) => {
      const { stdout } = await runCli([...state.flags, 'run', '--rm', ...flags, ...show], { cwd: directory, env });
      return stdout.trim();
    };
    expect(await from([])).toBe('file file file');
    expect(await from([], { TSBOX_HOSTNAME: 'variable' })).toBe('variable file file');
    expect(await from(['-h', 'flag', '-e', 'A=flag'], { TSBOX_HOSTNAME: 'variable' })).toBe('flag flag file');
  });

  it('a plugin of the config file takes part', async () => {
    const directory = tempDirectory();
    writeFileSync(
      join(directory, 'greeting.ts'),
      `import { definePlugin } from 'tsbox/plugin';
       const greeting: string = 'hello from a plugin';
       export default definePlugin({
         name: 'greeting', apiVersion: 1,
         hooks: { preClone: ({ launch }) => { launch.command.env.push('GREETING=' + greeting); } },
       });`,
    );
    writeFileSync(join(directory, '.tsboxrc.json'), '{ "network": "none", "plugins": ["./greeting.ts"] }');
    const { stdout } = await runCli([...state.flags, 'run', '--rm', 'host', 'sh', '-c', 'echo $GREETING'], {
      cwd: directory,
    });
    expect(stdout).toBe('hello from a plugin\n');
  });
});

describe('--trace', () => {
  it('lists every step with its duration on stderr, after the run', async () => {
    const { status, stdout, stderr } = await run(['--trace', 'host', 'echo', 'out']);
    expect([status, stdout]).toEqual([0, 'out\n']);
    expect(stderr).toMatch(/^ *[\d.]+ us {2}launcher +engine +clone3 /m);
    expect(stderr).toMatch(/^ *[\d.]+ us {2}child +\S+ +execve /m);
  });
});
