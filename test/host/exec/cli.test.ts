import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import type { Box } from '../../../core/index.js';
import { containerDirectory, readRecord, writeRecord } from '../../../core/state/record.js';
import { finished, runCli, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { executing } from './support.js';

const { describe, it } = skipUnless('root', 'busybox');
const state = tempRoot();

describe('tsbox exec', () => {
  const { start, exec: inside } = executing(state);
  const exec = (args: readonly string[], options: Parameters<typeof runCli>[1] = {}) =>
    runCli([...state.flags, 'exec', ...args], options);
  let box: Box;

  beforeAll(async () => {
    box = await start({ name: 'web', env: ['OWN=container', 'BOTH=container'], workdir: '/var', hostname: 'inside' });
  });

  it('exits as the command does', async () => {
    expect(await exec(['web', 'sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
      status: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect((await exec(['web', 'sh', '-c', 'kill -9 $$'])).status).toBe(137);
    expect((await exec([box.id.slice(0, 12), 'hostname'])).stdout).toBe('inside\n');
  });

  it.each([
    [['web', 'nosuch'], 127, 'executable file not found in $PATH'],
    [['web', '/no/such'], 127, 'there is no /no/such'],
    [['web', '/etc'], 126, '/etc is a directory'],
    [['-w', '/nosuch', 'web', 'ls'], 126, 'no such file or directory'],
    [['-w', 'relative', 'web', 'ls'], 125, 'not an absolute path'],
    [['-u', 'nosuch', 'web', 'ls'], 125, 'no matching entries in passwd file'],
    [['nosuch', 'ls'], 125, 'there is no container'],
    [['web'], 125, "missing required argument 'command'"],
    [['--nosuch', 'web', 'ls'], 125, 'unknown option'],
    [['-it', 'web', 'ls'], 125, 'not a TTY'],
  ])('%j exits with %i and says why', async (args, status, why) => {
    const result = await exec(args);
    expect(result).toMatchObject({ status, stdout: '' });
    expect(result.stderr).toMatch(/^tsbox: .*\n( {2}fix: .*\n)+ {2}ERR_TSBOX_\w+\n( {2}tsbox explain [\w-]+\n)?$/);
    expect(result.stderr).toContain(why);
  });

  it("has the container's environment and working directory, and what is asked beside it", async () => {
    const file = join(state.directory, 'variables');
    writeFileSync(file, 'FILE=1\nBOTH=file\n');
    const script = 'echo $OWN $BOTH $GIVEN $COPIED $FILE $HOSTNAME $HOME $TERM; pwd';
    const plain = await exec(['web', 'sh', '-c', script], { env: { SECRET: 'x' } });
    expect(plain.stdout).toBe('container container inside /root\n/var\n');
    const flags = ['-e', 'GIVEN=1', '-e', 'COPIED', '--env-file', file, '-w', '/tmp', '-u', 'alice'];
    const asked = await exec([...flags, 'web', 'sh', '-c', script], { env: { COPIED: '2' } });
    expect(asked.stdout).toBe('container file 1 2 1 inside /home/alice\n/tmp\n');
    const names = (await exec(['web', 'env'], { env: { SECRET: 'x' } })).stdout.match(/^\w+/gm)?.sort();
    expect(names).toEqual(['BOTH', 'HOME', 'HOSTNAME', 'OWN', 'PATH']);
  });

  it('runs as the user that is asked for', async () => {
    expect((await exec(['-u', 'alice', 'web', 'id'])).stdout).toBe(
      'uid=1000(alice) gid=1000(alice) groups=10(wheel),1000(alice)\n',
    );
    expect((await exec(['-u', '12:34', 'web', 'id'])).stdout).toBe('uid=12 gid=34 groups=34\n');
    expect((await exec(['-u', 'alice:wheel', 'web', 'id', '-g'])).stdout).toBe('10\n');
  });

  it('gives all capabilities with --privileged', async () => {
    const own = (await import('node:fs')).readFileSync('/proc/self/status', 'utf8').match(/^CapPrm.*$/m)?.[0];
    const { stdout } = await exec(['--privileged', 'web', 'cat', '/proc/self/status']);
    expect(stdout).toContain(`${own}\n`);
    expect(stdout).toContain(`${own?.replace('Prm', 'Bnd')}\n`);
  });

  it('gives the command our input with -i, and none without', async () => {
    expect((await exec(['-i', 'web', 'cat'], { input: 'typed\n' })).stdout).toBe('typed\n');
    expect((await exec(['web', 'cat'], { input: 'typed\n' })).stdout).toBe('');
    const many = 'x'.repeat(1 << 20);
    expect((await exec(['-i', 'web', 'cat'], { input: many })).stdout).toBe(many);
  });

  it('passes signals on', async () => {
    const child = startCli([
      ...state.flags,
      'exec',
      'web',
      'sh',
      '-c',
      'trap "exit 9" TERM; echo up; while :; do sleep 0.05; done',
    ]);
    await new Promise((resolve) => child.stdout?.once('readable', resolve));
    child.kill('SIGTERM');
    expect(await finished(child)).toMatchObject({ status: 9, stdout: 'up\n' });
  });

  it('takes its command along when it is killed', async () => {
    const child = startCli([...state.flags, 'exec', 'web', 'sh', '-c', 'echo up; exec sleep 4711']);
    await new Promise((resolve) => child.stdout?.once('readable', resolve));
    child.kill('SIGKILL');
    await finished(child);
    expect((await inside(box, 'sleep 0.05; pgrep -f "^sleep 4711" || echo none')).stdout).toBe('none\n');
  });

  it('-d leaves the command behind, says nothing, and says what is wrong', async () => {
    const script = 'echo $$ > /tmp/pid; sleep 0.3; echo late > /tmp/late; exec sleep 600';
    expect(await exec(['-d', 'web', 'sh', '-c', script])).toEqual({ status: 0, stdout: '', stderr: '' });
    const look =
      'while ! test -e /tmp/late; do sleep 0.05; done; for fd in /proc/$(cat /tmp/pid)/fd/*; do readlink $fd; done | sort -u; kill $(cat /tmp/pid)';
    expect((await inside(box, look)).stdout).toBe('/dev/null\n');
    expect((await exec(['-d', 'web', 'nosuch'])).status).toBe(127);
  });

  it('refuses a container that is paused or has ended', async () => {
    const directory = containerDirectory(state.root, box.id);
    const record = readRecord(directory);
    if (!record) throw new Error('no record');
    writeRecord(directory, { ...record, paused: true }, false);
    const paused = await exec(['web', 'true']);
    writeRecord(directory, record, false);
    expect(paused).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('the container is paused\n  fix: tsbox unpause web\n'),
    });
    const short = await start({ name: 'short', rm: false, command: ['true'] });
    await short.wait();
    const ended = await exec(['short', 'true']);
    expect(ended).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('the container is not running\n  fix: tsbox start short\n'),
    });
    expect((await runCli([...state.flags, 'rm', 'short'])).status).toBe(0);
  });
});
