import { beforeAll, expect } from 'vitest';
import { skipUnless } from '../../support/skip.js';
import { FailureBench } from './support.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox', 'nft');

describe('tsbox doctor', () => {
  const bench = new FailureBench();
  beforeAll(() => bench.prepare());

  it('finds every driver and part of the host, and exits with 0 where the default drivers work', async () => {
    const { status, stdout, stderr } = await bench.shell('$TSBOX doctor');
    expect(stderr).toBe('');
    for (const title of [
      'kernel',
      'limits',
      'helpers',
      'state',
      'storage drivers',
      'network drivers',
      'userns drivers',
    ])
      expect(stdout).toMatch(new RegExp(`^${title}$`, 'm'));
    expect(stdout).toMatch(/ok {4}overlay \(chosen\)/);
    expect(stdout).toMatch(/ok {4}nf_tables/);
    expect(stdout).toContain('the default drivers work');
    expect(status).toBe(0);
  });

  it('is the same as JSON', async () => {
    const { stdout } = await bench.shell('$TSBOX doctor --format json');
    const report = JSON.parse(stdout) as { ok: boolean; drivers: { name: string; preconditions: object[] }[] };
    expect(report.ok).toBe(true);
    expect(report.drivers.find(({ name }) => name === 'bridge')?.preconditions).toHaveLength(3);
  });

  it('names what is missing and what mends it, and exits with 1', async () => {
    const script = 'echo 2 >/proc/sys/vm/memfd_noexec; ulimit -n 128; $TSBOX doctor';
    const unshare = ['--pid', '--fork', '--kill-child', '--mount', '--mount-proc'];
    const { status, stdout } = await bench.shell(script, { unshare });
    expect(stdout).toMatch(
      /no {4}vm\.memfd_noexec +2: the launcher cannot be run\n +fix: sysctl -w vm\.memfd_noexec=1\n +tsbox explain memfd-noexec/,
    );
    expect(stdout).toMatch(/warn {2}open files \(ulimit -n\) +128\n +fix: ulimit -n 4096/);
    expect(stdout).toContain('something that is needed is missing');
    expect(status).toBe(1);
  });

  it('examines the driver that is asked for', async () => {
    const script = 'while umount -lR /sys/fs/cgroup 2>/dev/null; do :; done; $TSBOX doctor --resources=cgroup-v1';
    const { status, stdout } = await bench.shell(script, { unshare: ['--mount'] });
    expect(stdout).toMatch(/no {4}cgroup-v1 \(chosen\)/);
    expect(status).toBe(1);
  });
});
