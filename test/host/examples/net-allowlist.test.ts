import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { createEngine } from '../../../core/index.js';
import allowlist from '../../../examples/net-allowlist/index.js';
import { busyboxImage } from '../../support/image.js';
import { CLI, type CliResult, finished, REPOSITORY, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { until } from '../../support/until.js';
import { makeBench } from '../net/bench.js';
import { makeOutside, type Outside } from '../net/internet.js';
import { get, raw, serve, tunnel } from './proxy-world.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'ip');

const HOSTS = ['registry.example', '*.example.org:443', 'plain.example:8080', 'rebound.example', 'gone.example'];
const ORDINARY = ['--reuid=1000', '--regid=1000', '--clear-groups'];

const PLUGIN = join(REPOSITORY, 'examples/net-allowlist/index.ts');

describe('the example net-allowlist', () => {
  const bench = makeBench({
    plugins: [PLUGIN],
    pluginOptions: { 'net-allowlist': { hosts: HOSTS } },
    network: 'allowlist',
  });
  const { image, directory, tsbox, done } = bench;
  const names = join(directory, 'hosts');
  const configFlag = `--config=${join(directory, 'tsbox.config.json')}`;
  const ordinary = tempRoot({ uid: 1000, gid: 1000 });
  let outside: Outside;
  let server: ChildProcess;

  /** `tsbox ARGS` on a machine whose /etc/hosts has the names. */
  async function withNames(args: readonly string[], user: readonly string[] = []): Promise<CliResult> {
    const state = user.length > 0 ? ordinary : bench;
    const flags = [`--root=${state.root}`, `--runroot=${state.runroot}`];
    const command = [process.execPath, '--', CLI, ...flags, configFlag, ...args];
    const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
    const as = user.length > 0 ? ['setpriv', ...user] : [];
    const child = spawn('unshare', ['--mount', 'sh', '-c', script, names, ...as, ...command], { cwd: REPOSITORY });
    child.stdin.end();
    return finished(child, args);
  }
  const inside = async (script: string) => (await withNames(['run', '--rm', image, 'sh', '-c', script])).stdout.trim();
  const code = (script: string) => `${script} | head -n 1`;

  beforeAll(async () => {
    outside = await makeOutside(1);
    const listed = ['registry.example', 'a.example.org', 'plain.example', 'other.example', 'example.org'];
    writeFileSync(names, `127.0.0.1 localhost rebound.example\n${outside.address} ${listed.join(' ')}\n`);
    server = await serve(outside.namespace);
  });
  afterAll(async () => {
    const ended = once(server, 'close');
    server.kill('SIGKILL');
    await ended;
    await outside.close();
    await bench.clear();
  });

  it('lets programs reach a listed host by the variables that they know', async () => {
    const seen = `GET /a?b=c at registry.example of ${outside.hostAddress}, 0`;
    expect(await inside('wget -q -O - "http://registry.example/a?b=c"')).toBe(seen);
    const proxy = ['HTTPS_PROXY', 'HTTP_PROXY', 'https_proxy', 'http_proxy'].map(
      (name) => `${name}=http://127.0.0.1:3128`,
    );
    const none = ['NO_PROXY', 'no_proxy'].map((name) => `${name}=localhost,127.0.0.1,::1`);
    expect((await inside('env | grep -i _proxy')).split('\n').sort()).toEqual([...proxy, ...none].sort());
    expect(
      await withNames(['run', '--rm', '-e', 'HTTP_PROXY=mine', image, 'sh', '-c', 'echo $HTTP_PROXY']),
    ).toMatchObject({
      stdout: 'mine\n',
    });
  });

  it('gives the container no other way out, and no name server', async () => {
    const script = `ls /sys/class/net; ip route; cat /etc/resolv.conf; nc -w 2 ${outside.address} 80 </dev/null 2>&1`;
    expect(await inside(script)).toBe(
      `lo\nnc: can't connect to remote host (${outside.address}): Network is unreachable`,
    );
  });

  it('refuses what is not listed: names, domains, ports, addresses', async () => {
    const asked = ['other.example', 'example.org:443', 'registry.example:8080', 'plain.example', outside.address];
    const answers = await inside(asked.map((place) => code(get(`http://${place}/`, place))).join('; '));
    expect(answers.split('\n').map((line) => line.trim())).toEqual(asked.map(() => 'HTTP/1.1 403 Forbidden'));
    const allowed = ['registry.example', 'plain.example:8080', 'a.example.org:443', 'REGISTRY.example'];
    const others = await inside(allowed.map((place) => code(get(`http://${place}/`, place))).join('; '));
    expect(others.split('\n').map((line) => line.trim())).toEqual(allowed.map(() => 'HTTP/1.1 200 OK'));
  });

  it('opens tunnels to what is listed, by its port alone', async () => {
    const refused = [
      'registry.example:22',
      'plain.example:443',
      `${outside.address}:443`,
      `registry.example:443@${outside.address}:443`,
    ];
    const answers = await inside(refused.map((place) => code(tunnel(place))).join('; '));
    expect(answers.split('\n').map((line) => line.trim())).toEqual(refused.map(() => 'HTTP/1.1 403 Forbidden'));
    const through = raw(
      'CONNECT a.example.org:443 HTTP/1.1\\r\\n\\r\\nGET /x HTTP/1.1\\r\\nHost: in.tunnel\\r\\nConnection: close\\r\\n\\r\\n',
    );
    expect(await inside(through)).toMatch(
      /^HTTP\/1.1 200 Connection established\s+HTTP\/1.1 200 OK[^$]*GET \/x at in.tunnel of/,
    );
  });

  it('is told by no header that it is somebody else who is asked', async () => {
    const tricks = [
      get('http://registry.example/', 'other.example'),
      get('/', 'registry.example'),
      get('http://registry.example@other.example/', 'other.example'),
      get('ftp://registry.example/', 'registry.example'),
    ];
    const answers = await inside(tricks.map(code).join('; '));
    expect(answers.split('\n').map((line) => line.trim())).toEqual(tricks.map(() => 'HTTP/1.1 400 Bad Request'));
    const twice = await inside(get('http://registry.example/', 'registry.example\\r\\nHost: other.example'));
    expect(twice).toContain('GET / at registry.example of');
  });

  it('hides no second request in the body of the first', async () => {
    const hidden = 'GET /hidden HTTP/1.1\\r\\nHost: other.example\\r\\n\\r\\n';
    const size = hidden.replaceAll('\\', '').replaceAll('rn', '--').length;
    const head = 'GET http://registry.example/ HTTP/1.1\\r\\nHost: registry.example\\r\\nConnection: close\\r\\n';
    const chunk = `${size.toString(16)}\\r\\n${hidden}\\r\\n0\\r\\n\\r\\n`;
    const answer = await inside(raw(`${head}Transfer-Encoding: chunked\\r\\n\\r\\n${chunk}`));
    expect(answer).toContain(`GET / at registry.example of ${outside.hostAddress}, ${size}`);
    expect(answer).not.toContain('/hidden');
  });

  it('follows no listed name to this machine', async () => {
    const answer = await inside(get('http://rebound.example/', 'rebound.example'));
    expect(answer).toContain('502 Bad Gateway');
    expect(answer).toContain('rebound.example leads to no other machine');
  });

  it('carries 64 MiB down and 8 MiB up, and forty at a time', async () => {
    const sum = 'md5sum | cut -c 1-8';
    const expected = createHash('md5')
      .update(Buffer.alloc(64 << 20, 'x'))
      .digest('hex')
      .slice(0, 8);
    expect(await inside(`wget -q -O - http://registry.example/big | ${sum}`)).toBe(expected);
    const head = 'POST http://registry.example/up HTTP/1.1\\r\\nHost: registry.example\\r\\nConnection: close\\r\\n';
    const sent = `(printf '${head}Content-Length: 8388608\\r\\n\\r\\n'; head -c 8388608 /dev/zero)`;
    const upload = `${sent} | nc -w 10 127.0.0.1 3128`;
    expect(await inside(upload)).toContain(`POST /up at registry.example of ${outside.hostAddress}, 8388608`);
    const each = 'wget -q -O - http://registry.example/$i >> /tmp/all &';
    expect(await inside(`for i in $(seq 40); do ${each} done; wait; sort -u /tmp/all | wc -l`)).toBe('40');
  });

  it('works for an ordinary user', async () => {
    const full = busyboxImage(join(directory, 'full'), { 'etc/hosts': '', 'etc/hostname': '', 'etc/resolv.conf': '' });
    const { status, stdout, stderr } = await withNames(
      ['run', '--rm', full, 'wget', '-q', '-O', '-', 'http://registry.example/'],
      ORDINARY,
    );
    expect({ status, stderr, stdout }).toEqual({
      status: 0,
      stderr: '',
      stdout: `GET / at registry.example of ${outside.hostAddress}, 0\n`,
    });
  });

  it('refuses a container that would outlive it, before anything is done', async () => {
    for (const args of [['run', '-d'], ['create'], ['run', '--restart=always']]) {
      const { status, stderr } = await tsbox(...args, image, 'true');
      expect({ status, code: /ERR_\w+/.exec(stderr)?.[0] }).toEqual({
        status: 125,
        code: 'ERR_TSBOX_DRIVER_UNSUPPORTED',
      });
    }
    expect(await done('ps', '-aq')).toBe('');
    const wrong = makeBench({ plugins: [PLUGIN], pluginOptions: { 'net-allowlist': { hosts: ['http://x/'] } } });
    expect((await wrong.tsbox('run', '--network=allowlist', image, 'true')).stderr).toContain('"http://x/" is no host');
  });

  it('gives a command of exec the same way out', async () => {
    const child = startCli([...bench.flags, configFlag, 'run', '--rm', '-i', '--name=stays', image, 'cat']);
    const record = (id: string) => join(bench.root, 'containers', id, 'container.json');
    const isRunning = (id: string) => existsSync(record(id)) && readFileSync(record(id), 'utf8').includes('"running"');
    const made = join(bench.root, 'containers');
    await until(() => existsSync(made) && readdirSync(made).some(isRunning));
    expect(await done('exec', 'stays', 'sh', '-c', 'echo $HTTPS_PROXY')).toBe('http://127.0.0.1:3128');
    child.stdin?.end();
    expect((await finished(child)).status).toBe(0);
  });

  it('leaves no socket in the process when the container ends, whatever was open', async () => {
    const { root, runroot } = bench;
    const pluginOptions = { 'net-allowlist': { hosts: [`${outside.address}:80`] } };
    await using engine = await createEngine({
      root,
      runroot,
      network: 'allowlist',
      plugins: [allowlist],
      pluginOptions,
    });
    // An engine has its launcher that waits from its second launch on.
    for (let launch = 0; launch < 2; launch++) await (await engine.run({ image, command: ['true'] })).result();
    const before = ownSockets();
    const connect = `(printf 'CONNECT ${outside.address}:80 HTTP/1.1\\r\\n\\r\\n'; sleep 600) | nc 127.0.0.1 3128`;
    const box = await engine.run({ image, command: ['sh', '-c', connect] });
    await once(box.stdout as NodeJS.ReadableStream, 'data');
    expect(ownSockets()).toBeGreaterThan(before + 2);
    box.kill();
    await box.wait();
    await until(() => ownSockets() === before);
  });
});

function ownSockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false; // the directory itself
    }
  }).length;
}
