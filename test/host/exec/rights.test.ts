import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { beforeAll, expect } from 'vitest';
import type { Box, BoxOptions } from '../../../core/index.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { compileHunter, executing } from './support.js';

const { describe, it } = skipUnless('root', 'busybox', 'cc');
const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'pid_for_children', 'time', 'user', 'uts'];
const STATUS =
  /^(Umask|Uid|Gid|Groups|Cap\w+|NoNewPrivs|Seccomp\w*|Sig(Blk|Ign|Cgt)|Shd?Pnd|Cpus_allowed_list|NStgid|Threads):/;

describe('a command in a running container', () => {
  const { image, engine, start, exec } = executing(tempRoot());
  beforeAll(() => compileHunter(image));

  const kinds: [string, Partial<BoxOptions>][] = [
    ['as it is', {}],
    ['with fewer rights', { capDrop: ['ALL'], capAdd: ['CHOWN', 'SYS_PTRACE'], user: 'alice', groupAdd: ['56'] }],
    ['without no_new_privs', { securityOpt: ['no-new-privileges=false'] }],
    [
      'with limits',
      { ulimit: ['nofile=64:128', 'nproc=200', 'core=0'], memory: '64m', pidsLimit: 20, cpusetCpus: '0' },
    ],
    ['with everything', { privileged: true }],
    ['with an init', { init: true }],
    ["with the host's namespaces", { pid: 'host', ipc: 'host', uts: 'host', cgroupns: 'host', network: 'host' }],
    ['with a time namespace', { timens: 'private' }],
    ['in a user namespace', { userns: '300000:300000:65536', user: 'alice' }],
  ];

  it.each(kinds)('has what a container %s has', async (_, options) => {
    const box = await start(options);
    const command = await engine().exec(box.id, { command: ['sleep', '600'], stdio: 'ignore' });
    const [its, ours] = [commandOf(box, options.init === true), command.pid];
    expect(linksOf(ours)).toEqual(linksOf(its));
    expect(readFileSync(`/proc/${ours}/cgroup`, 'utf8')).toBe(readFileSync(`/proc/${its}/cgroup`, 'utf8'));
    expect(readFileSync(`/proc/${ours}/limits`, 'utf8')).toBe(readFileSync(`/proc/${its}/limits`, 'utf8'));
    expect(readFileSync(`/proc/${ours}/oom_score_adj`, 'utf8')).toBe(
      readFileSync(`/proc/${its}/oom_score_adj`, 'utf8'),
    );
    expect(statusOf(ours)).toEqual(statusOf(its));
    expect(command.kill()).toBe(true);
    expect(await command.wait()).toMatchObject({ exitCode: null, signal: 9, status: 137, oomKilled: false });
  });

  it('has its standard streams and nothing else', async () => {
    const box = await start();
    // The directory that ls reads is the fourth, and closed when it looks at what it read.
    expect((await exec(box, ['ls', '-l', '/proc/self/fd'])).stdout.match(/\d+ -> .*/g)).toEqual([
      '0 -> /dev/null',
      expect.stringMatching(/^1 -> pipe:/),
      expect.stringMatching(/^2 -> pipe:/),
    ]);
  });

  it("cannot reach the host's /dev/null through them", async () => {
    const box = await start();
    const before = statSync('/dev/null').mode;
    const inside = (await exec(box, 'stat -Lc %d:%i /proc/self/fd/0 /dev/null')).stdout.trim().split('\n');
    expect(inside[0]).toBe(inside[1]);
    const { stdout } = await exec(box, 'chmod 600 /proc/self/fd/0 && stat -c %a /dev/null', {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(stdout).toBe('600\n');
    expect(statSync('/dev/null').mode).toBe(before);
  });

  it('leads a session of its own, without a terminal and without our keys', async () => {
    const box = await start();
    const { stdout } = await exec(box, ['hunter', 'keyring']);
    const [ring = '', session] = stdout.trim().split('\n');
    const [id] = ring.split(' ');
    const own = new LibcGate().attempt('keyctl', 0, -3, 0);
    expect(Number(id)).toBeGreaterThan(0);
    expect(Number(id)).not.toBe(own);
    expect(ring).toMatch(/keyring;0;0;[0-9a-f]+;_ses$/);
    expect(session).toMatch(/^session (\d+) of \1$/);
    expect((await exec(box, 'echo x > /dev/tty || echo no terminal')).stdout).toBe('no terminal\n');
  });

  it('is refused where there are as many processes as are allowed, and at once', async () => {
    const box = await start({ pidsLimit: 2 });
    const before = performance.now();
    await expect(exec(box, ['true'])).rejects.toMatchObject({
      code: 'ERR_TSBOX_OP_FAILED',
      why: expect.stringContaining('--pids-limit of 2'),
    });
    expect(performance.now() - before).toBeLessThan(2_000);
    expect((await exec(await start({ pidsLimit: 3 }), ['true'])).status).toBe(0);
  });

  it('is killed with its container', async () => {
    const box = await start();
    const command = await engine().exec(box.id, { command: ['sleep', '600'], stdio: 'ignore' });
    box.kill();
    expect(await command.wait()).toMatchObject({ status: 137 });
    await box.wait();
    await expect(exec(box, ['true'])).rejects.toMatchObject({ code: 'ERR_TSBOX_NO_SUCH_CONTAINER' });
  });

  it('ends when it is aborted, and when its time is over', async () => {
    const box = await start();
    const aborted = await exec(box, ['sleep', '600'], { signal: AbortSignal.timeout(100) });
    expect(aborted).toMatchObject({ status: 137, timedOut: false });
    expect(await exec(box, ['sleep', '600'], { timeout: 100 })).toMatchObject({ status: 137, timedOut: true });
    await expect(exec(box, ['true'], { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
  });

  it('is told when it dies of the memory limit', async () => {
    const box = await start({ memory: '32m', memorySwap: '32m' });
    const result = await exec(box, ['tail', '/dev/zero']);
    expect(result).toMatchObject({
      status: 137,
      oomKilled: true,
      explanation: expect.stringContaining('out of memory'),
    });
  });

  it('a hundred of them leave nothing', async () => {
    const box = await start();
    await exec(box, ['true']);
    const before = descriptors();
    for (let round = 0; round < 25; round++) {
      const commands = ['exit 0', 'exit 3', 'exec nosuch', 'kill -9 $$'].map((script) => exec(box, script));
      const results = await Promise.all(commands);
      expect(results.map(({ status }) => status)).toEqual([0, 3, 127, 137]);
    }
    expect(descriptors()).toBe(before);
    expect(childrenOf(process.pid)).toContain(box.pid);
    expect(childrenOf(process.pid).filter(isZombie)).toEqual([]);
  });
});

/** With --init the command is the child of the first process, which is what the others are compared with. */
function commandOf(box: Box, init: boolean): number {
  if (!init) return box.pid;
  for (;;) {
    const [child] = childrenOf(box.pid);
    if (child !== undefined && readlinkSync(`/proc/${child}/exe`).endsWith('/busybox')) return child;
  }
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim() === '' ? [] : text.trim().split(' ').map(Number);
}

function isZombie(pid: number): boolean {
  return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

function linksOf(pid: number): string[] {
  return NAMESPACES.map((name) => readlinkSync(`/proc/${pid}/ns/${name}`));
}

function statusOf(pid: number): string[] {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .filter((line) => STATUS.test(line));
  // How many pid namespaces deep, not which number.
  return lines.map((line) => (line.startsWith('NStgid') ? `NStgid ${line.split('\t').length}` : line));
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
