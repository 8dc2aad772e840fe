import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { type BoxOptions, createEngine } from '../../../core/index.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');
const { directory, root, runroot } = tempRoot();
const warnings: string[] = [];
const engine = await createEngine({ root, runroot, network: 'none', onWarning: (message) => warnings.push(message) });
afterAll(() => engine.close());

const image = `${directory}/image`;
beforeAll(() => void busyboxImage(image));
const sh = (script: string, more: Partial<BoxOptions> = {}) =>
  engine.run({ image, command: ['sh', '-c', script], ...more });

describe('the library', () => {
  it('gives exit code, signal and output', async () => {
    await using box = await sh('echo out; echo err >&2; exit 3');
    expect(await box.result()).toMatchObject({
      exitCode: 3,
      signal: null,
      status: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      oomKilled: false,
      timedOut: false,
      undoErrors: [],
    });
  });

  it('writes to stdin and closes it', async () => {
    await using box = await sh('cat; echo done');
    box.stdin?.end('hello\n');
    expect((await box.result()).stdout).toBe('hello\ndone\n');
  });

  it('passes a megabyte through both pipes', async () => {
    await using box = await sh('tee /dev/stderr | md5sum');
    box.stdin?.end(Buffer.alloc(1 << 20, 'x'));
    const { stdout, stderr } = await box.result();
    expect(stderr.length).toBe(1 << 20);
    expect(stdout).toMatch(/^[0-9a-f]{32} /);
  });

  it('gives its pipes to the user of the command, who may open them anew', async () => {
    await using box = await sh('echo again > /dev/stdout; echo too > /dev/stderr', { user: 'alice' });
    expect(await box.result()).toMatchObject({ stdout: 'again\n', stderr: 'too\n', status: 0 });
  });

  it('sends signals', async () => {
    await using box = await sh('trap "exit 5" TERM; echo ready; while :; do sleep 0.05; done');
    await new Promise((resolve) => box.stdout?.once('data', resolve));
    expect(box.kill(15)).toBe(true);
    expect((await box.wait()).exitCode).toBe(5);
    expect(box.kill(15)).toBe(false);
  });

  it('says which signal ended a command', async () => {
    await using box = await sh('exec sleep 60');
    box.kill();
    expect(await box.wait()).toMatchObject({ exitCode: null, signal: 9, status: 137 });
  });

  it('is ended by its time limit, and says so', async () => {
    await using box = await sh('exec sleep 60', { timeout: '200ms' });
    expect(await box.wait()).toMatchObject({ signal: 9, timedOut: true });
  });

  it('is ended by an abort signal', async () => {
    const abort = new AbortController();
    await using box = await sh('exec sleep 60', { signal: abort.signal });
    abort.abort();
    expect(await box.wait()).toMatchObject({ signal: 9, timedOut: false });
  });

  it('does not start when the signal was aborted before', async () => {
    await expect(sh('true', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('is killed at the end of the block that uses it', async () => {
    let pid = 0;
    {
      await using box = await sh('exec sleep 60');
      pid = box.pid;
    }
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });

  it('has a terminal of its own on request', async () => {
    await using box = await sh('test -t 0 && test -t 1 && tty; stty size; read line; echo got $line', { tty: true });
    box.resize(100, 40);
    let seen = '';
    box.stdout?.on('data', (data: Buffer) => {
      seen += data;
    });
    box.stdin?.write('hello\r');
    expect((await box.wait()).exitCode).toBe(0);
    expect(seen).toContain('/dev/pts/0');
    expect(seen).toContain('got hello');
  });

  it('runs containers beside child processes of the caller', async () => {
    const run = promisify(execFile);
    const results = await Promise.all([
      run('sh', ['-c', 'sleep 0.1; echo child']),
      sh('sleep 0.1; echo box').then((box) => box.result()),
      run('sh', ['-c', 'sleep 0.05; echo child']),
      sh('sleep 0.05; echo box').then((box) => box.result()),
    ]);
    expect(results.map(({ stdout }) => stdout)).toEqual(['child\n', 'box\n', 'child\n', 'box\n']);
  });

  it('lists durations of steps and ops in a trace', async () => {
    await using box = await sh('true', { trace: true });
    await box.wait();
    const clone = box.trace.find(({ action }) => action === 'clone3');
    expect(clone).toMatchObject({ where: 'launcher', plugin: 'engine' });
    expect(clone?.durationNs).toBeGreaterThan(1000);
    expect(box.trace.find(({ where }) => where === 'engine')?.durationNs).toBeGreaterThan(0);
  });

  it('gives command line names and forms to limits', async () => {
    await expect(sh('true', { memory: 'banana' })).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_TSBOX_/),
    });
  });

  it('changes nothing of the process that embeds it', async () => {
    const state = () => ({
      umask: process.umask(),
      cwd: process.cwd(),
      listeners: process.listenerCount('SIGCHLD'),
      uid: process.geteuid?.(),
    });
    const before = state();
    await using box = await sh('true', { user: 'alice' });
    expect((await box.wait()).exitCode).toBe(0);
    expect(state()).toEqual(before);
  });
});
