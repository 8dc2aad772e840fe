import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect } from 'vitest';
import { type ForegroundContainer, startForeground } from '../../support/foreground.js';
import { busyboxImage } from '../../support/image.js';
import { TerminalSession } from '../../support/pty.js';
import { CLI, finished, runCli, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'cgroup1', 'busybox');
const state = tempRoot();
const image = `${state.directory}/image`;
const tsbox = (...args: string[]) => runCli([...state.flags, ...args]);

let busy: ForegroundContainer;
let idle: ForegroundContainer;
beforeAll(async () => {
  busyboxImage(image);
  busy = await startForeground(state, image, 'busy', 'sleep 600 & echo up; while :; do :; done', ['-m', '64m']);
  idle = await startForeground(state, image, 'idle', 'echo up; exec sleep 600', ['--resources=none', '--privileged']);
  await tsbox('create', '--name=made', '--network=none', image, 'true');
});
afterAll(async () => {
  await busy.end();
  await idle.end();
  await tsbox('rm', '-f', 'busy', 'idle', 'made');
});

describe('stats --no-stream', () => {
  it('is docker’s table of those that run', async () => {
    const { status, stdout, stderr } = await tsbox('stats', '--no-stream');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^CONTAINER ID {3}NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS$/);
    const row = /^[0-9a-f]{12} {3}busy +(\d+\.\d\d)% +[\d.]+[KM]iB \/ 64MiB +\d+\.\d\d% +0B \/ 0B +\S+ \/ \S+ +2$/;
    const found = lines.flatMap((line) => row.exec(line)?.[1] ?? []);
    expect(Number(found[0])).toBeGreaterThan(10);
    expect(Number(found[0])).toBeLessThan(130);
    expect(stdout).toMatch(/^[0-9a-f]{12} {3}idle +-- +-- \/ -- +-- +0B \/ 0B +-- \/ -- +--$/m);
  });

  it('of those that are named, or of all; one that does not run uses nothing', async () => {
    const names = ['--format', '{{.Name}} {{.CPUPerc}} {{.PIDs}}'];
    expect((await tsbox('stats', '--no-stream', ...names, 'made')).stdout).toBe('made 0.00% 0\n');
    const all = await tsbox('stats', '--no-stream', '-a', '--format', '{{.Name}}');
    expect(all.stdout.trim().split('\n').sort()).toEqual(['busy', 'idle', 'made']);
    const nosuch = await tsbox('stats', '--no-stream', 'busy', 'nosuch');
    expect([nosuch.status, nosuch.stdout]).toEqual([1, '']);
    expect(nosuch.stderr).toMatch(/cannot find container "nosuch"/);
  });

  it('as JSON has numbers', async () => {
    const { stdout } = await tsbox('stats', '--no-stream', '--no-trunc', '--format', 'json', 'busy');
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({
        id: expect.stringMatching(/^[0-9a-f]{64}$/),
        name: 'busy',
        state: 'running',
        cpuPercent: expect.any(Number),
        memory: { usage: expect.any(Number), limit: 64 * 2 ** 20 },
        memoryAvailable: 64 * 2 ** 20,
        pids: { current: 2 },
        network: { received: 0, sent: 0 },
      }),
    ]);
  });

  it('a paused one uses no CPU time', async () => {
    await tsbox('pause', 'busy');
    const { stdout } = await tsbox('stats', '--no-stream', '--format', '{{.CPUPerc}}', 'busy');
    await tsbox('unpause', 'busy');
    expect(stdout).toBe('0.00%\n');
  });
});

describe('stats', () => {
  it('on a terminal shows one table in the place of the other, with who comes and goes, until Ctrl-C', async () => {
    const session = new TerminalSession([...state.flags, 'stats'], { columns: 120, rows: 20 });
    await session.see(/busy/);
    const brief = await startForeground(state, image, 'brief', 'echo up; exec sleep 600');
    await session.see(/brief/);
    await brief.end();
    await tsbox('rm', '-f', 'brief');
    const seen = session.output.length;
    const tables = () => session.output.slice(seen).split('\u001b[H\u001b[J');
    while (tables().length < 4) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(tables().at(-2)).toMatch(/busy/);
    expect(tables().at(-2)).not.toMatch(/brief/);
    session.type('\x03');
    expect((await session.end()).status).toBe(0);
  });

  it('into a pipe is plain lines, until its reader has enough', async () => {
    const args = [process.execPath, CLI, ...state.flags, 'stats', '--format', '{{.Name}}', 'busy'];
    const child = spawn('sh', ['-c', `${args.map((arg) => `'${arg}'`).join(' ')} | head -n 3`], { stdio: 'pipe' });
    expect(await finished(child)).toEqual({ status: 0, stdout: 'busy\nbusy\nbusy\n', stderr: '' });
  });

  it('ends cleanly when it is asked to', async () => {
    const child = startCli([...state.flags, 'stats']);
    const end = finished(child);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGTERM');
    const { status, stdout, stderr } = await end;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^CONTAINER ID/);
    expect(stdout).not.toContain('\u001b');
  });
});
