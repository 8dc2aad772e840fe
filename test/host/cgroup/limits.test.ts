import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { findController, readCgroupLayout } from '../../../core/plugin/index.js';
import { finished, runCli, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'cgroup1', 'overlay');
const { root, flags } = tempRoot();
const layout = readCgroupLayout();

const run = (limits: readonly string[], ...command: string[]) =>
  runCli([...flags, 'run', '--rm', '--network=none', ...limits, 'host', ...command]);

/** The cgroup of the one container that this file runs, once it is there. */
async function cgroupOf(controller: string): Promise<string> {
  const containers = `${root}/containers`;
  for (;;) {
    const [id] = existsSync(containers) ? readdirSync(containers) : [];
    const cgroup = `${findController(layout, controller)?.mountpoint}/tsbox/${id}`;
    if (id && existsSync(cgroup)) return cgroup;
    await sleep(5);
  }
}

describe('--memory', () => {
  it('kills a program that takes more, with 137 and one line that says why', async () => {
    const { status, stderr } = await run(['--memory=64m'], 'dd', 'if=/dev/zero', 'of=/dev/null', 'bs=100M', 'count=1');
    expect(status).toBe(137);
    expect(stderr).toBe(
      'tsbox: out of memory: the kernel killed a process of the container, which reached its memory limit of 64 MiB\n',
    );
  });

  it('says so too when the shell that started the program lives on', async () => {
    const script = 'dd if=/dev/zero of=/dev/null bs=100M count=1 2> /dev/null; exit 5';
    const { status, stderr } = await run(['--memory=64m'], 'sh', '-c', script);
    expect(status).toBe(5);
    expect(stderr).toMatch(/tsbox: out of memory: .* 64 MiB$/m);
  });

  it('leaves alone what takes less', async () => {
    const { status, stderr } = await run(['--memory=64m'], 'dd', 'if=/dev/zero', 'of=/dev/null', 'bs=20M', 'count=1');
    expect({ status, stderr: stderr.replace(/^\d.*\n/gm, '') }).toEqual({ status: 0, stderr: '' });
  });

  it('is seen inside, where the cgroup is the root', async () => {
    const script = 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes; grep -v ":/$" /proc/self/cgroup';
    expect((await run(['--memory=64m'], 'sh', '-c', script)).stdout).toBe(`${64 * 2 ** 20}\n`);
  });
});

it('--cpus=0.2 holds a busy loop within 15 % over five seconds', async () => {
  const child = startCli([
    ...flags,
    'run',
    '--rm',
    '--network=none',
    '--cpus=0.2',
    'host',
    'timeout',
    '8',
    'sh',
    '-c',
    'while :; do :; done',
  ]);
  const ended = finished(child);
  const usage = `${await cgroupOf('cpuacct')}/cpuacct.usage`;
  const used = () => ({ cpu: Number(readFileSync(usage, 'utf8')), wall: Number(process.hrtime.bigint()) });
  // The start has a burst of its own: the first period's quota.
  await sleep(1000);
  const before = used();
  await sleep(5000);
  const after = used();
  const share = (after.cpu - before.cpu) / (after.wall - before.wall);
  expect(share).toBeGreaterThan(0.17);
  expect(share).toBeLessThan(0.23);
  expect((await ended).status).toBe(124);
});

describe('--pids-limit', () => {
  it('16 stops a fork bomb, which ends with its container', async () => {
    const child = startCli([
      ...flags,
      'run',
      '--rm',
      '--network=none',
      '--pids-limit=16',
      'host',
      'sh',
      '-c',
      'b() { b | b & }; b; sleep 2',
    ]);
    const ended = finished(child);
    const current = `${await cgroupOf('pids')}/pids.current`;
    let most = 0;
    for (let left = 100; left > 0 && existsSync(current); left--) {
      most = Math.max(most, Number(readFileSync(current, 'utf8')));
      await sleep(5);
    }
    const { stderr } = await ended;
    expect(stderr).toMatch(/fork/i);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(16);
  });

  it('counts the command: sixteen are the shell and fifteen others', async () => {
    const script = 'i=0; while [ $i -lt 40 ]; do sleep 5 & i=$((i+1)); echo $i; done';
    const { stdout, stderr } = await run(['--pids-limit=16'], 'sh', '-c', script);
    expect(stdout.trim().split('\n').at(-1)).toBe('15');
    expect(stderr).toMatch(/fork/i);
  });

  it('0 means one process', async () => {
    const { stdout, stderr } = await run(['--pids-limit=0'], 'sh', '-c', 'echo alone; /bin/true');
    expect(stdout).toBe('alone\n');
    expect(stderr).toMatch(/fork/i);
  });
});

describe('devices', () => {
  const script =
    '[ -e /dev/kmsg ] || mknod /dev/kmsg c 1 11; head -c 1 /dev/zero | wc -c; exec 5< /dev/kmsg && echo opened';

  it('that are not listed cannot be opened, though a node can be made', async () => {
    const { stdout, stderr } = await run([], 'sh', '-c', script);
    expect(stdout).toBe('1\n');
    expect(stderr).toMatch(/\/dev\/kmsg.*not permitted/);
  });

  it('can all be opened by a privileged container', async () => {
    expect((await run(['--privileged'], 'sh', '-c', script)).stdout).toBe('1\nopened\n');
  });
});

describe('what cannot be enforced', () => {
  it.each([
    [['--memory=1m'], /--memory/],
    [['--cpuset-cpus=4000'], /cpu/i],
    [['--resources=none', '--memory=64m'], /"none" has no limits/],
    [['--resources=cgroup-v2'], /lacks the controllers/],
  ])('%j is refused with 125, and nothing has happened', async (limits, why) => {
    const { status, stdout, stderr } = await run(limits, 'true');
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(/^ {2}fix: /m);
  });
});

describe('many at once', () => {
  it("make and remove the common parent without getting in each other's way", async () => {
    const runs = Array.from({ length: 12 }, (_, index) => run([], 'sh', '-c', `exit ${index}`));
    expect((await Promise.all(runs)).map(({ status, stderr }) => `${status}${stderr}`)).toEqual(
      Array.from({ length: 12 }, (_, index) => `${index}`),
    );
  });
});
