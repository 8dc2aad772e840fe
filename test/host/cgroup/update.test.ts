import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeAll, expect } from 'vitest';
import { readCgroupLayout } from '../../../core/plugin/index.js';
import { type ForegroundContainer, startForeground } from '../../support/foreground.js';
import { busyboxImage } from '../../support/image.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'cgroup1', 'busybox');
const state = tempRoot();
const image = `${state.directory}/image`;
beforeAll(() => void busyboxImage(image));

const MIB = 2 ** 20;
const tsbox = (...args: string[]) => runCli([...state.flags, ...args]);
const idle = 'echo up; exec sleep 600';

let container: ForegroundContainer | undefined;
afterEach(async () => {
  await container?.end();
  for (const name of ['box', 'still']) await tsbox('rm', '-f', name);
  container = undefined;
});

function detailsOf(name: string): {
  spec: { resources: Record<string, unknown>; restart: object; origins: Record<string, string> };
  facts: Record<string, { limits: string[] }>;
  id: string;
} {
  for (const id of readdirSync(`${state.root}/containers`)) {
    const read = (file: string) => JSON.parse(readFileSync(`${state.root}/containers/${id}/${file}`, 'utf8'));
    if (read('container.json').name === name) return { ...read('details.json'), id };
  }
  throw new Error(`there is no ${name}`);
}

/** A limit as the kernel has it. */
function kernel(name: string, file: string): string {
  const paths = readCgroupLayout().hierarchies.map((one) => `${one.mountpoint}/tsbox/${detailsOf(name).id}/${file}`);
  return readFileSync(paths.find((path) => existsSync(path)) as string, 'utf8').trim();
}

describe('update of a container that runs', () => {
  it('changes what the kernel has, what is stored, and what is shown', async () => {
    container = await startForeground(state, image, 'box', idle, ['-m', '64m', '--cpus=1']);
    const flags = ['-m', '256m', '--cpus', '0.5', '-c', '512', '--pids-limit=40', '--cpuset-cpus=0'];
    expect(await tsbox('update', ...flags, 'box')).toEqual({ status: 0, stdout: 'box\n', stderr: '' });
    const files = [
      'memory.limit_in_bytes',
      'memory.memsw.limit_in_bytes',
      'cpu.cfs_quota_us',
      'cpu.shares',
      'pids.max',
    ];
    const found = [String(256 * MIB), String(512 * MIB), '50000', '512', '40'];
    expect(files.map((file) => kernel('box', file))).toEqual(found);
    expect(kernel('box', 'cpuset.cpus')).toBe('0');
    const { spec, facts } = detailsOf('box');
    expect(spec.resources).toEqual({
      memory: 256 * MIB,
      cpus: 0.5,
      cpuShares: 512,
      pidsLimit: 40,
      cpusetCpus: '0',
      devices: [],
    });
    expect(spec.origins).toMatchObject({ memory: 'update', cpus: 'update', name: '--name' });
    expect(facts['cgroup-v1']?.limits).toContain(`memory.limit_in_bytes=${256 * MIB}`);
    expect((await tsbox('stats', '--no-stream', '--format', '{{.MemUsage}}', 'box')).stdout).toMatch(/ \/ 256MiB\n$/);
  });

  it('changes a paused one, and lowers limits', async () => {
    container = await startForeground(state, image, 'box', idle, ['-m', '256m', '--memory-swap=-1', '--pids-limit=9']);
    await tsbox('pause', 'box');
    expect((await tsbox('update', '-m', '32m', '--memory-swap', '32m', '--pids-limit=-1', 'box')).stderr).toBe('');
    expect(kernel('box', 'memory.memsw.limit_in_bytes')).toBe(String(32 * MIB));
    expect(kernel('box', 'pids.max')).toBe('max');
    await tsbox('unpause', 'box');
  });

  it('kills by the new limit, and says that one', async () => {
    const script = 'echo up; read go; head -c 100m /dev/zero | tail -c 100m > /dev/null; exit 5';
    container = await startForeground(state, image, 'box', script, ['-i', '-m', '512m']);
    await tsbox('update', '-m', '48m', '--memory-swap', '48m', 'box');
    container.cli.stdin?.end('go\n');
    const { stderr } = await container.ended;
    expect(stderr).toMatch(/^tsbox: out of memory: .* its memory limit of 48 MiB$/m);
    expect((await tsbox('ps', '-a', '--format', '{{.Status}}')).stdout).toMatch(/^Exited \(5\)/);
    const { id } = detailsOf('box');
    expect(JSON.parse(readFileSync(`${state.root}/containers/${id}/container.json`, 'utf8')).oomKilled).toBe(true);
  });

  it('that cannot be had leaves everything as it was', async () => {
    const script = 'head -c 40m /dev/zero | tail -c 40m | (sleep 1; echo up; sleep 600)';
    container = await startForeground(state, image, 'box', script, ['-m', '128m', '--memory-swap=128m']);
    const before = detailsOf('box');
    const low = await tsbox('update', '--pids-limit=50', '-m', '8m', '--memory-swap=8m', 'box');
    expect([low.status, low.stdout]).toEqual([1, '']);
    expect(low.stderr).toMatch(/cannot enforce --memory: the container uses more than 8388608 bytes/);
    expect([kernel('box', 'memory.limit_in_bytes'), kernel('box', 'pids.max')]).toEqual([String(128 * MIB), 'max']);
    expect((await tsbox('update', '--cpuset-cpus=999', 'box')).stderr).toMatch(/--cpuset-cpus.*no CPU 999/);
    expect((await tsbox('update', '-m', '256m', 'box')).stderr).toMatch(
      /--memory-swap: .* is less than the memory limit/,
    );
    expect(detailsOf('box')).toEqual(before);
  });
});

describe('update of a container that does not run', () => {
  it('is stored and holds from the next start', async () => {
    await tsbox('create', '--name=still', '--network=none', '-m', '64m', image, 'sleep', '600');
    const flags = ['-m', '96m', '--pids-limit=12', '--restart=on-failure:2'];
    expect(await tsbox('update', ...flags, 'still')).toEqual({ status: 0, stdout: 'still\n', stderr: '' });
    expect(detailsOf('still').spec).toMatchObject({
      resources: { memory: 96 * MIB, pidsLimit: 12 },
      restart: { policy: 'on-failure', maximum: 2 },
    });
    expect((await tsbox('start', 'still')).status).toBe(0);
    expect([kernel('still', 'memory.limit_in_bytes'), kernel('still', 'pids.max')]).toEqual([String(96 * MIB), '12']);
  });

  it('is refused where its driver has no such limit', async () => {
    await tsbox('create', '--name=still', '--network=none', '--resources=none', image, 'true');
    const refused = await tsbox('update', '-m', '64m', 'still');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/the resources driver "none" of the container does not enforce it/);
  });
});

describe('update', () => {
  it('without anything to change is a usage error', async () => {
    const { status, stderr } = await tsbox('update', 'box');
    expect(status).toBe(1);
    expect(stderr).toMatch(/nothing was given that is to change/);
  });

  it('of the restart policy is refused for one that goes when it ends, and heeded later by a foreground one', async () => {
    container = await startForeground(state, image, 'box', idle, ['--rm']);
    expect((await tsbox('update', '--restart=always', 'box')).stderr).toMatch(/it goes when it ends \(--rm\)/);
    expect((await tsbox('update', '--restart=no', 'box')).status).toBe(0);
  });
});
