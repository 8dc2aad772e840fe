import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect } from 'vitest';
import { TerminalSession } from '../../support/pty.js';
import { startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { eventually, lifecycleBench } from './bench.js';

const { describe, it } = skipUnless('root', 'busybox', 'ip', 'nft');
const { done, tsbox, image, flags, root, runroot } = lifecycleBench();
const PORT = 18_080;

/** From the host, as a user would. */
function fetchPage(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const nothing = () => resolve(undefined);
    const request = get({ port: PORT, path: '/page', agent: false, timeout: 2000 }, (response) => {
      text(response).then(resolve, nothing);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', nothing);
  });
}

afterEach(() => done('rm', '-f', 'web'));

describe('a web server from run to rm', () => {
  it('is published, looked at, entered, frozen, stopped, started, copied from, committed and removed', async () => {
    const server = 'echo page > /page; echo serving; httpd -f -p 80 -h / & wait';
    const publish = ['--name', 'web', '-p', `${PORT}:80`, '--network=bridge'];
    const id = await done('run', '-d', ...publish, image, 'sh', '-c', `trap "exit 0" TERM; ${server}`);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await eventually(fetchPage)).toBe('page\n');
    const [header, line] = (await done('ps')).split('\n');
    expect(header).toMatch(/^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/);
    expect(line).toMatch(new RegExp(`^${id.slice(0, 12)} .* Up .* 0\\.0\\.0\\.0:${PORT}->80/tcp +web$`));
    expect(await done('port', 'web')).toBe(`80/tcp -> 0.0.0.0:${PORT}`);

    const follower = startCli([...flags, 'logs', '-f', 'web']);
    const followed = new Promise((resolve) => follower.once('close', resolve));
    await new Promise((resolve) => follower.stdout?.once('data', resolve));

    const shell = new TerminalSession([...flags, 'exec', '-it', 'web', 'sh'], { columns: 80, rows: 24 });
    await shell.enter('echo $((6*7)); tty', /42\r\n\/dev\/pts\/\d+/);
    shell.type('echo more > /added; exit 3\r');
    expect((await shell.end()).status).toBe(3);

    const [columns, numbers] = (await done('stats', '--no-stream', 'web')).split('\n');
    expect(columns).toMatch(/^CONTAINER ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS$/);
    expect(numbers).toMatch(
      new RegExp(`^${id.slice(0, 12)} +web +[\\d.]+% +[\\d.]+\\w+ / [\\d.]+\\w+ +[\\d.]+% .* 2$`),
    );

    expect(await done('pause', 'web')).toBe('web');
    expect(await done('ps', '--format', '{{.Status}}')).toMatch(/\(Paused\)$/);
    expect(await fetchPage()).toBeUndefined();
    expect(await done('unpause', 'web')).toBe('web');
    expect(await eventually(fetchPage)).toBe('page\n');

    expect(await done('stop', 'web')).toBe('web');
    await followed;
    expect(await done('ps', '-a', '--format', '{{.Status}}')).toMatch(/^Exited \(0\) .* ago$/);
    expect(await fetchPage()).toBeUndefined();
    expect(await done('start', 'web')).toBe('web');
    expect(await eventually(fetchPage)).toBe('page\n');
    expect(await done('exec', 'web', 'cat', '/added')).toBe('more');

    expect((await done('diff', 'web')).split('\n')).toEqual(expect.arrayContaining(['A /added', 'A /page']));
    const archive = await tsbox(['cp', 'web:/etc/hostname', '-']);
    expect(archive.status).toBe(0);
    const unpacked = execFileSync('tar', ['-xOf', '-', 'hostname'], { input: archive.stdout, encoding: 'utf8' });
    expect(unpacked).toBe(`${id.slice(0, 12)}\n`);
    expect(await done('commit', 'web', 'my/web')).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await done('run', '--rm', '--network=none', 'my/web', 'cat', '/added')).toBe('more');

    expect((await tsbox(['rm', 'web'])).status).toBe(1);
    expect(await done('stop', 'web')).toBe('web');
    expect(await done('rm', 'web')).toBe('web');
    expect(await done('image', 'rm', 'my/web')).toBe('my/web');
    expect(readdirSync(`${root}/containers`)).toEqual([]);
    expect(readdirSync(`${runroot}/journal`)).toEqual([]);
    expect(existsSync(`${runroot}/net`)).toBe(false);
  });
});
