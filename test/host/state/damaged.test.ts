import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
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

/** A container that has ended. @returns its directory */
async function ended(name: string, ...more: string[]): Promise<string> {
  const ran = await tsbox('run', '--name', name, '--network=none', ...more, image, 'true');
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return `${root}/containers/${readFileSync(`${root}/names/${name}`, 'utf8')}`;
}

async function names(): Promise<string[]> {
  const { stdout } = await tsbox('ps', '-a', '--format', '{{.Names}}');
  return stdout.split('\n').filter((line) => line !== '');
}

function left(): Record<string, string[]> {
  const list = (path: string) => (existsSync(path) ? readdirSync(path) : []);
  return {
    containers: list(`${root}/containers`),
    names: list(`${root}/names`),
    journal: list(`${runroot}/journal`),
    volumes: list(`${root}/volumes`),
  };
}

const nothing = { containers: [], names: [], journal: [], volumes: [] };

/** What may have happened to a JSON file, and what is said of it. */
const DAMAGES: readonly (readonly [what: string, damage: (file: string) => void, why: RegExp])[] = [
  ['is empty', (file) => truncateSync(file, 0), /it is empty/],
  ['is cut short', (file) => truncateSync(file, 40), /it is cut short, or no JSON/],
  ['is binary garbage', (file) => writeFileSync(file, Buffer.from([0, 255, 1, 254, 10])), /no JSON/],
  ['is of a later version', (file) => writeFileSync(file, '{"version":99}'), /it has version 99; this tsbox knows 1/],
  ['lacks what it must have', (file) => writeFileSync(file, '{"version":1,"id":"x"}'), /something is missing in it/],
  ['is a directory', (file) => replaceByDirectory(file), /it is a directory/],
];

function replaceByDirectory(file: string): void {
  rmSync(file);
  mkdirSync(file);
}

describe('a container whose record', () => {
  it.each(DAMAGES)('%s hides no other one, is named, and goes with rm -f', async (_what, damage, why) => {
    const good = await ended('good');
    const bad = await ended('bad', '-v', '/anonymous', '-v', 'named:/data');
    damage(`${bad}/container.json`);
    const listed = await tsbox('ps', '-a', '--format', '{{.Names}}');
    expect(listed).toMatchObject({ status: 0, stdout: 'good\n' });
    expect(listed.stderr).toContain(`${bad}/container.json`);
    expect(listed.stderr).toMatch(why);
    expect(await tsbox('rm', 'bad')).toMatchObject({ status: 1, stdout: '' });
    expect(existsSync(bad)).toBe(true);
    // Neither gc nor a start takes it away, or is in trouble with it.
    expect((await tsbox('gc')).status).toBe(0);
    expect(await tsbox('run', '--rm', '--network=none', image, 'echo', 'on')).toMatchObject({ stdout: 'on\n' });
    expect(existsSync(bad)).toBe(true);
    expect(await tsbox('rm', '-f', 'bad')).toEqual({ status: 0, stdout: 'bad\n', stderr: '' });
    expect(existsSync(good)).toBe(true);
    // Nobody uses its volumes now.
    expect((await tsbox('volume', 'prune', '-a', '-f')).stdout).toContain('named');
    expect(await tsbox('rm', 'good')).toMatchObject({ status: 0 });
    expect(left()).toEqual(nothing);
  });
});

describe('details that', () => {
  it.each(DAMAGES)('%s: the container is listed, and goes with rm -f', async (_what, damage) => {
    const bad = await ended('bad', '-v', 'named:/data');
    damage(`${bad}/details.json`);
    expect(await names()).toEqual(['bad']);
    const started = await tsbox('start', 'bad');
    expect(started).toMatchObject({ status: 1 });
    expect(started.stderr).toContain(`${bad}/details.json`);
    expect(await tsbox('rm', '-f', 'bad')).toEqual({ status: 0, stdout: 'bad\n', stderr: '' });
    await tsbox('volume', 'rm', 'named');
    expect(left()).toEqual(nothing);
  });

  it('are missing', async () => {
    const bad = await ended('bad');
    rmSync(`${bad}/details.json`);
    expect(await names()).toEqual(['bad']);
    const removed = await tsbox('rm', 'bad');
    expect(removed.status).toBe(1);
    expect(removed.stderr).toContain(`cannot read ${bad}/details.json: it is missing`);
    expect(await tsbox('rm', '-f', 'bad')).toMatchObject({ status: 0 });
    expect(left()).toEqual(nothing);
  });
});

describe('other files that are damaged', () => {
  it('a journal: gc names it, replays none of it, and others start', async () => {
    const script = 'trap "exit 0" TERM; echo up; sleep 600 & wait';
    const child = startCli([...flags, 'run', '--name=runs', '--network=none', image, 'sh', '-c', script]);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const file = `${runroot}/journal/${readFileSync(`${root}/names/runs`, 'utf8')}.jsonl`;
    const ended = new Promise((resolve) => child.once('close', resolve));
    writeFileSync(file, '\0\0garbage\n{"seq":0}\n');
    const gc = await tsbox('gc');
    expect(gc).toMatchObject({ status: 1, stdout: '' });
    expect(gc.stderr).toContain(`cannot read all of ${file}: its first line is damaged`);
    expect(await tsbox('run', '--rm', '--network=none', image, 'echo', 'on')).toEqual({
      status: 0,
      stdout: 'on\n',
      stderr: '',
    });
    child.kill('SIGTERM');
    await ended;
    await tsbox('rm', '-f', 'runs');
    expect(left()).toEqual(nothing);
  });

  it('a journal of a dead engine with a damaged record: rm -f leaves nothing', async () => {
    const child = startCli([...flags, 'run', '--name=dead', '--network=none', image, 'sh', '-c', 'echo up; sleep 600']);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const id = readFileSync(`${root}/names/dead`, 'utf8');
    while (!existsSync(`${root}/containers/${id}/container.json`)) await new Promise((done) => setTimeout(done, 5));
    const ended = new Promise((resolve) => child.once('close', resolve));
    const refused = await (async () => {
      writeFileSync(`${root}/containers/${id}/container.json`, '');
      return tsbox('rm', '-f', 'dead');
    })();
    // An engine in the foreground is not ours to end.
    expect(refused).toMatchObject({ status: 1 });
    expect(refused.stderr).toContain(`process ${child.pid} has it`);
    child.kill('SIGKILL');
    await ended;
    expect(await tsbox('rm', '-f', 'dead')).toEqual({ status: 0, stdout: 'dead\n', stderr: '' });
    expect(left()).toEqual(nothing);
    const hierarchies = readdirSync('/sys/fs/cgroup').filter((name) =>
      existsSync(`/sys/fs/cgroup/${name}/tsbox/${id}`),
    );
    expect(hierarchies).toEqual([]);
  });

  it('a name: the error names the file, the id still works, and gc mends it', async () => {
    const container = await ended('named');
    writeFileSync(`${root}/names/named`, '');
    const removed = await tsbox('rm', 'named');
    expect(removed).toMatchObject({ status: 1 });
    expect(removed.stderr).toContain(`cannot read ${root}/names/named`);
    expect(await names()).toEqual(['named']);
    expect((await tsbox('gc')).status).toBe(0);
    expect(readFileSync(`${root}/names/named`, 'utf8')).toBe(container.slice(-64));
    writeFileSync(`${root}/names/named`, 'garbage');
    expect(await tsbox('rm', container.slice(-64))).toMatchObject({ status: 0 });
    expect(left()).toEqual(nothing);
  });

  it('a volume: the others are listed, its data is not touched, and rm takes it', async () => {
    await tsbox('volume', 'create', 'fine');
    await tsbox('volume', 'create', 'broken');
    writeFileSync(`${root}/volumes/broken/data/precious`, 'x');
    writeFileSync(`${root}/volumes/broken/volume.json`, '{');
    const listed = await tsbox('volume', 'ls', '-q');
    expect(listed).toMatchObject({ status: 0, stdout: 'fine\n' });
    expect(listed.stderr).toContain(`${root}/volumes/broken/volume.json`);
    const ran = await tsbox('run', '--rm', '--network=none', '-v', 'broken:/data', image, 'true');
    expect(ran.status).toBe(125);
    expect(ran.stderr).toContain(`${root}/volumes/broken/volume.json`);
    expect(readFileSync(`${root}/volumes/broken/data/precious`, 'utf8')).toBe('x');
    expect(await tsbox('volume', 'rm', 'broken', 'fine')).toMatchObject({ status: 0, stdout: 'broken\nfine\n' });
    expect(left()).toEqual(nothing);
  });
});
