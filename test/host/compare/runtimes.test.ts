import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect } from 'vitest';
import type { Report } from '../../../compare/index.js';
import { bubblewrapOptions } from '../../../compare/runtimes/bubblewrap.js';
import { createEngine } from '../../../core/index.js';
import { busyboxImage } from '../../support/image.js';
import { finished, runCli, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { until } from '../../support/until.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'runc', 'crun', 'bwrap');

const HERE = ['tsbox', 'tsbox-cli', 'bwrap', 'crun', 'runc'];
const { directory, root, flags } = tempRoot();
const image = join(directory, 'image');
beforeAll(() => void busyboxImage(image));

/** What is in force yet that a runtime has made. */
const left = () => ({
  containers: readdirSync(join(root, 'containers')),
  files: readdirSync(root).filter((name) => name === 'compare'),
  processes: execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).match(/^(cat$|runc |crun |bwrap ).*$/gm),
});
const NOTHING = { containers: [], files: [], processes: null };

async function compared(...args: string[]): Promise<Report> {
  const { status, stdout, stderr } = await runCli([...flags, 'compare', 'runtimes', '--warm-ups=0', '--json', ...args]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('compare runtimes', () => {
  it('has numbers of every runtime that is here, and says why the others have none', async () => {
    const { candidates, measurements } = await compared('--rounds=1', '--workloads=run,start,exec');
    expect(candidates.map(({ name }) => name)).toEqual([...HERE, 'podman', 'docker']);
    expect(candidates.filter(({ skipped }) => skipped === undefined).map(({ name }) => name)).toEqual(
      expect.arrayContaining(HERE),
    );
    expect(candidates.find(({ name }) => name === 'runc')?.about).toMatch(/^runc version \d/);
    expect(measurements.map(({ name }) => name)).toEqual(['run', 'start', 'exec']);
    for (const { name, samples, missing = {} } of measurements) {
      const having = name === 'exec' ? HERE.filter((runtime) => runtime !== 'bwrap') : HERE;
      for (const runtime of having) {
        expect(missing[runtime]).toBeUndefined();
        expect(samples[runtime]).toEqual([expect.any(Number)]);
      }
    }
    expect(measurements.at(-1)?.missing?.bwrap).toBe('bubblewrap has no way into a container that runs');
    expect(left()).toEqual(NOTHING);
  });

  it('has numbers of many containers at once', async () => {
    const runtimes = ['tsbox', 'bwrap', 'crun'];
    const { measurements } = await compared('--rounds=1', '--workloads=many', `--drivers=${runtimes}`);
    expect(measurements).toMatchObject([{ name: 'many' }]);
    expect(measurements[0]?.missing).toBeUndefined();
    for (const runtime of runtimes) expect(measurements[0]?.samples[runtime]).toEqual([expect.any(Number)]);
    expect(left()).toEqual(NOTHING);
  });

  it('takes an image and a command of the user, and changes neither', async () => {
    const command = join(directory, 'work.sh');
    const seen = join(image, 'etc/motd');
    writeFileSync(seen, 'hello\n');
    writeFileSync(command, '#!/bin/sh\n[ "$(cat /etc/motd)" = hello ]\n', { mode: 0o755 });
    const before = execFileSync('find', [image], { encoding: 'utf8' });
    const runtimes = ['tsbox', 'bwrap', 'runc'];
    const report = await compared('--rounds=2', `--drivers=${runtimes}`, `--image=${image}`, `--workload=${command}`);
    expect(report.measurements.map(({ name }) => name)).toEqual(['command']);
    expect(report.measurements[0]?.missing).toBeUndefined();
    for (const runtime of runtimes) expect(report.measurements[0]?.samples[runtime]).toHaveLength(2);
    expect(execFileSync('find', [image], { encoding: 'utf8' })).toBe(before);
  });

  it('says of a runtime whose command fails what that has said', async () => {
    const command = join(directory, 'fails.sh');
    writeFileSync(command, '#!/bin/sh\necho no such luck >&2\nexit 3\n', { mode: 0o755 });
    const asked = ['--drivers=bwrap,runc', `--image=${image}`, `--workload=${command}`, '--rounds=1'];
    const { status, stdout } = await runCli([...flags, 'compare', 'runtimes', '--json', ...asked]);
    const { measurements } = JSON.parse(stdout) as Report;
    expect(status).toBe(1);
    expect(measurements[0]?.missing).toEqual({
      bwrap: 'bwrap ended with 3: no such luck',
      runc: 'runc ended with 3: no such luck',
    });
    expect(left()).toEqual(NOTHING);
  });

  it('refuses an image that other runtimes cannot have', async () => {
    const { status, stderr } = await runCli([...flags, 'compare', 'runtimes', '--image=host', '--json']);
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('all of this machine') });
  });

  /** A comparison that goes on and on, in which each runtime has a container that stays. */
  async function endless() {
    const args = [...flags, 'compare', 'runtimes', '--workloads=exec', '--rounds=100000', '--json'];
    const child = startCli(args);
    const end = finished(child, args);
    await until(() => left().processes?.filter((line) => line === 'cat').length === HERE.length - 1, 40_000);
    return { child, end };
  }

  it('leaves nothing when it is interrupted', async () => {
    const { child, end } = await endless();
    child.kill('SIGINT');
    expect(await end).toMatchObject({ status: 130, stdout: '' });
    expect(left()).toEqual(NOTHING);
  });

  it('leaves no container when it is killed, and no file after the next one', async () => {
    const { child, end } = await endless();
    child.kill('SIGKILL');
    expect(await end).toMatchObject({ status: 137 });
    await until(() => left().processes === null);
    await compared('--rounds=1', '--workloads=run', '--drivers=tsbox');
    expect(left()).toEqual(NOTHING);
  });
});

describe('the options for bubblewrap', () => {
  const run = promisify(execFile);
  const SHOW = [
    'grep -E "^(CapPrm|CapEff|NoNewPrivs)" /proc/self/status',
    'for path in $(echo "$MASKED"); do [ -d $path ] && ls $path | wc -l || wc -c <$path; done',
    'touch /proc/sys/kernel/hostname 2>/dev/null || echo read-only',
    'pwd; echo $PATH; echo $$',
  ];

  it('give a command the rights and the view that it has with tsbox', async () => {
    await using engine = await createEngine({ root, runroot: join(directory, 'run'), network: 'none' });
    const config = JSON.parse(await (await engine.plan({ image, command: ['true'] })).oci());
    const masked = config.linux.maskedPaths.filter((path: string) => path.startsWith('/proc/')).join(' ');
    const command = ['sh', '-c', `MASKED="${masked}"; ${SHOW.join('; ')}`];
    const box = await engine.run({ image, command });
    const own = await box.result();
    const { stdout } = await run('bwrap', [...bubblewrapOptions(config, image, 'box'), ...command]);
    expect(stdout).toBe(own.stdout);
    expect(stdout).toContain('read-only');
  });

  it('unshare every namespace that tsbox unshares', async () => {
    await using engine = await createEngine({ root, runroot: join(directory, 'run'), network: 'none' });
    const config = JSON.parse(await (await engine.plan({ image, command: ['true'] })).oci());
    const command = ['sh', '-c', 'for name in mnt uts ipc pid net cgroup user; do readlink /proc/self/ns/$name; done'];
    const host = execFileSync('sh', command.slice(1), { encoding: 'utf8' }).split('\n');
    const shared = (text: string) => text.split('\n').map((name, index) => name === host[index]);
    const box = await engine.run({ image, command });
    const { stdout } = await run('bwrap', [...bubblewrapOptions(config, image, 'box'), ...command]);
    expect(shared(stdout)).toEqual(shared((await box.result()).stdout));
  });
});
