import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { runCli, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');
const { directory, root, runroot, flags } = tempRoot();

const image = `${directory}/image`;
beforeAll(() => void busyboxImage(image));

const tsbox = (...args: string[]) => runCli([...flags, ...args]);

function left(): Record<string, string[]> {
  const list = (path: string) => (existsSync(path) ? readdirSync(path).sort() : []);
  return {
    containers: list(`${root}/containers`),
    names: list(`${root}/names`),
    journal: list(`${runroot}/journal`),
    leases: list(`${runroot}/net`),
    volumes: list(`${root}/volumes`),
  };
}

/**
 * A machine that went off with containers running, and came up again: their processes are gone, and what
 * the records say of them is of another boot. @returns ids by name
 */
async function crashed(runs: Readonly<Record<string, readonly string[]>>): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const [name, options] of Object.entries(runs)) {
    const child = startCli([...flags, 'run', '--name', name, ...options, image, 'sh', '-c', 'echo up; sleep 600']);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const id = readFileSync(`${root}/names/${name}`, 'utf8');
    const record = `${root}/containers/${id}/container.json`;
    while (!existsSync(record)) await new Promise((resolve) => setTimeout(resolve, 5));
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
    ids[name] = id;
  }
  return ids;
}

function anotherBoot(file: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/"bootId":"[^"]*"/g, '"bootId":"another"'));
}

describe('after a reboot', () => {
  it('an empty runroot: containers have ended, names stay, --rm is gone, and gc has nothing left to do', async () => {
    const ids = await crashed({
      kept: ['--network=none', '-v', 'data:/data', '-v', '/anonymous'],
      gone: ['--network=none', '--rm', '-v', '/anonymous'],
    });
    for (const id of Object.values(ids)) anotherBoot(`${root}/containers/${id}/container.json`);
    // The cgroups went with the kernel that had them; here they are taken back, as the journals say.
    await tsbox('gc');
    mkdirSync(`${root}/containers/${'f'.repeat(64)}/upper`, { recursive: true });
    writeFileSync(`${root}/names/half_made`, 'f'.repeat(64), { mode: 0o600 });
    rmSync(runroot, { recursive: true });
    const listed = await tsbox('ps', '-a', '--format', '{{.Names}} {{.State}} {{.Status}}');
    expect(listed.stdout).toMatch(/^kept exited Exited \(137\) .*\n$/);
    expect((await tsbox('gc')).status).toBe(0);
    expect(left()).toMatchObject({ containers: [ids.kept], names: ['kept'], journal: [], leases: [] });
    expect(left().volumes).toHaveLength(2);
    expect(await tsbox('gc')).toEqual({ status: 0, stdout: '', stderr: '' });
    const taken = await tsbox('run', '--rm', '--name=kept', '--network=none', image, 'true');
    expect(taken).toMatchObject({ status: 125 });
    expect(await tsbox('rm', '-v', 'kept')).toMatchObject({ status: 0 });
    expect(left()).toMatchObject({ containers: [], names: [], volumes: ['data'] });
    await tsbox('volume', 'rm', 'data');
  });

  it('a container with --rm whose journal is lost is removed by gc', async () => {
    const ids = await crashed({ gone: ['--network=none', '--rm', '-v', '/anonymous'] });
    const journal = `${runroot}/journal/${ids.gone}.jsonl`;
    const entries = readFileSync(journal, 'utf8');
    expect(entries).toContain('"keep":true');
    anotherBoot(`${root}/containers/${ids.gone}/container.json`);
    // What the host would have forgotten is taken back by hand: everything but what is kept.
    writeFileSync(
      journal,
      entries
        .split('\n')
        .filter((line) => !line.includes('"keep":true'))
        .join('\n'),
    );
    writeFileSync(
      `${root}/containers/${ids.gone}/container.json`,
      readFileSync(`${root}/containers/${ids.gone}/container.json`, 'utf8').replace(
        '"autoRemove":true',
        '"autoRemove":false',
      ),
    );
    await tsbox('gc');
    writeFileSync(
      `${root}/containers/${ids.gone}/container.json`,
      readFileSync(`${root}/containers/${ids.gone}/container.json`, 'utf8').replace(
        '"autoRemove":false',
        '"autoRemove":true',
      ),
    );
    expect(left().journal).toEqual([]);
    expect((await tsbox('gc')).stdout).toBe(`${ids.gone}\n`);
    expect(left()).toEqual({ containers: [], names: [], journal: [], leases: [], volumes: [] });
  });

  it('a journal of another boot is taken back though its pid is in use', async () => {
    const ids = await crashed({ kept: ['--network=none'] });
    const id = ids.kept as string;
    const journal = `${runroot}/journal/${id}.jsonl`;
    writeFileSync(journal, readFileSync(journal, 'utf8').replace(/"pid":\d+/, `"pid":${process.pid}`));
    anotherBoot(journal);
    for (const file of readdirSync(`${runroot}/journal`)) if (file.includes('@')) rmSync(`${runroot}/journal/${file}`);
    writeFileSync(`${runroot}/journal/${id}@${process.pid}`, '');
    expect((await tsbox('gc')).status).toBe(0);
    expect(left().journal).toEqual([]);
    expect(await tsbox('rm', 'kept')).toMatchObject({ status: 0 });
  });

  it('leases are free: addresses and ports of containers that were running can be taken at once', async () => {
    await crashed({ one: ['--network=bridge', '-p', '18080:80'] });
    for (const id of readdirSync(`${root}/containers`)) anotherBoot(`${root}/containers/${id}/container.json`);
    const options = ['--rm', '--network=bridge', '-p', '18080:80'];
    const again = await tsbox('run', ...options, image, 'echo', 'again');
    expect(again).toEqual({ status: 0, stdout: 'again\n', stderr: '' });
    expect(await tsbox('rm', 'one')).toMatchObject({ status: 0 });
    expect(left()).toEqual({ containers: [], names: [], journal: [], leases: [], volumes: [] });
  });
});
