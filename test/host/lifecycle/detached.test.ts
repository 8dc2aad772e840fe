import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { afterEach, expect } from 'vitest';
import { startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { eventually, lifecycleBench } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox');
const { done, tsbox, detached, image, flags, root, runroot } = lifecycleBench();

const list = (path: string) => (existsSync(path) ? readdirSync(path) : []);
const status = (name: string) => done('ps', '-a', '--filter', `name=^${name}$`, '--format', '{{.Status}}');

afterEach(async () => {
  const ids = (await done('ps', '-aq')).split('\n').filter((id) => id !== '');
  if (ids.length > 0) await done('rm', '-f', ...ids);
  for (const path of ['containers', 'names']) expect(list(`${root}/${path}`)).toEqual([]);
  for (const path of ['journal', 'live']) expect(list(`${runroot}/${path}`)).toEqual([]);
});

describe('a detached container', () => {
  it('prints its id, outlives every tsbox and its terminal, and its end is recorded', async () => {
    const id = await detached(['--name=web'], 'echo up; while [ ! -e /go ]; do sleep 0.05; done; exit 3');
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await status('web')).toMatch(/^Up /);
    const waiting = startCli([...flags, 'wait', 'web']);
    const said = new Promise((resolve) => waiting.stdout?.once('data', (data) => resolve(String(data))));
    await done('exec', 'web', 'touch', '/go');
    expect(await said).toBe('3\n');
    expect(await status('web')).toMatch(/^Exited \(3\) .* ago$/);
    expect(await done('wait', 'web')).toBe('3');
    expect(await done('logs', 'web')).toBe('up');
  });

  it('is watched by a process of less than 1 MB that belongs to nobody', async () => {
    await detached(['--name=small'], 'sleep 60');
    const record = JSON.parse(
      readFileSync(`${root}/containers/${list(`${root}/containers`)[0]}/container.json`, 'utf8'),
    );
    const { pid } = record.owner;
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]);
    console.log(`monitor: ${resident} kB resident`);
    expect(resident).toBeLessThan(1024);
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(-50)).not.toContain(String(process.pid));
    expect(statSync(`/proc/${pid}/cwd/.`).ino).toBe(statSync('/').ino);
  });

  it('starts again with the changes that it had made', async () => {
    await detached(['--name=again'], 'echo run >> /file; cat /file; sleep 60');
    await eventually(async () => (await done('logs', 'again')) === 'run');
    expect(await done('stop', '-t', '0', 'again')).toBe('again');
    expect(await status('again')).toMatch(/^Exited \(137\)/);
    expect(await done('start', 'again')).toBe('again');
    await eventually(async () => (await done('logs', 'again')) === 'run\nrun\nrun');
    expect(await done('diff', 'again')).toContain('A /file');
  });

  it('does the same with storage copy, and keeps a changed directory as it was left', async () => {
    await detached(['--name=copied', '--storage=copy'], 'chmod 700 /tmp; echo x >> /etc/passwd; wc -l < /etc/passwd');
    expect(await done('wait', 'copied')).toBe('0');
    expect(await done('start', '-a', 'copied')).toBe('5');
    expect(await done('diff', 'copied')).toBe('C /etc\nC /etc/passwd\nC /tmp');
  });

  it('is removed when it ends, with --rm, by what its monitor starts', async () => {
    const id = await detached(['--rm', '--name=gone'], 'true');
    await eventually(() => !list(`${root}/containers`).includes(id) && !existsSync(`${root}/names/gone`));
    await eventually(() => list(`${runroot}/journal`).length === 0);
  });

  it('leaves nothing when its command cannot be executed', async () => {
    for (const [command, code] of [
      ['nosuch', 127],
      ['/etc/passwd', 126],
    ] as const) {
      const { status, stdout, stderr } = await tsbox(['run', '-d', '--name=bad', '--network=none', image, command]);
      expect({ status, stdout }).toEqual({ status: code, stdout: '' });
      expect(stderr).toContain(`cannot run "${command}"`);
    }
    expect(await done('ps', '-aq')).toBe('');
  });

  it('is killed with its monitor, and that is cleaned up after', async () => {
    await detached(['--name=orphan'], 'sleep 600');
    const [id] = list(`${root}/containers`);
    const record = JSON.parse(readFileSync(`${root}/containers/${id}/container.json`, 'utf8'));
    process.kill(record.owner.pid, 'SIGKILL');
    await eventually(() => !existsSync(`/proc/${record.process.pid}/exe`));
    expect(await status('orphan')).toMatch(/^Exited \(137\)/);
    await done('gc');
    expect(list(`${runroot}/journal`)).toEqual([]);
    expect(await done('start', 'orphan')).toBe('orphan');
  });
});

describe('create', () => {
  it('makes a container that start starts, with output and status through -a', async () => {
    const id = await done('create', '--name=made', '-i', '--network=none', image, 'sh', '-c', 'cat; exit 4');
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await status('made')).toBe('Created');
    const { status: code, stdout } = await tsbox(['start', '-ai', 'made'], { input: 'hello\n' });
    expect({ code, stdout }).toEqual({ code: 4, stdout: 'hello\n' });
    expect(await done('wait', 'made')).toBe('4');
  });

  it('says why a container did not start, and keeps it', async () => {
    await done('create', '--name=broken', '--network=none', image, 'nosuch');
    const { status: code, stderr } = await tsbox(['start', 'broken']);
    expect(code).toBe(1);
    expect(stderr).toContain('cannot run "nosuch"');
    expect(await done('inspect', '-f', '{{.State.ExitCode}} {{.State.Error}}', 'broken')).toMatch(/^127 cannot run/);
  });

  it('writes the id to --cidfile, once', async () => {
    const cidfile = `${root}/../cid`;
    const id = await done('create', `--cidfile=${cidfile}`, '--network=none', image, 'true');
    expect(readFileSync(cidfile, 'utf8')).toBe(id);
    const again = await tsbox(['create', `--cidfile=${cidfile}`, '--network=none', image, 'true']);
    expect(again.status).toBe(125);
    expect(again.stderr).toContain('the file exists');
  });
});
