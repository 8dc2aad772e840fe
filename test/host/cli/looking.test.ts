import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { finished, runCli, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');
const ID = /^[0-9a-f]{64}\n$/;

describe('looking at containers', () => {
  const state = tempRoot();
  const image = join(state.directory, 'tiny');
  const tsbox = (...args: string[]) => runCli([...state.flags, ...args]);
  /** What it prints, when it succeeds. */
  const said = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await tsbox(...args);
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  };
  const detached = (name: string, flags: string[], ...command: string[]) =>
    said('run', '-d', '--name', name, '--network=none', ...flags, image, ...command);
  const fields = (line: string | undefined): string[] => (line ?? '').split(/ {2,}/);

  beforeAll(async () => {
    busyboxImage(image);
    const script = 'echo out; echo err >&2; printf "%s\\n" "it  has   spaces"; echo x > /written; exec sleep 600';
    expect(await detached('web', ['-l', 'tier=front', '-m', '64m', '-e', 'A=b'], 'sh', '-c', script)).toMatch(ID);
    expect(await detached('ended', ['-l', 'tier=back'], 'sh', '-c', 'echo hello; echo bye; exit 3')).toMatch(ID);
    await said('wait', 'ended');
    expect((await tsbox('run', '--name', 'seen', '--network=none', image, 'true')).status).toBe(0);
    // Its first line is in the log by the time that its last one is followed.
    const follower = startCli([...state.flags, 'logs', '-f', 'web']);
    await new Promise<void>((resolve) => follower.stdout?.on('data', (text) => /spaces/.test(text) && resolve()));
    follower.kill();
    await finished(follower);
  });
  afterAll(() => tsbox('rm', '-f', 'web', 'ended', 'seen'));

  describe('ps', () => {
    it('shows what runs, in docker’s columns', async () => {
      const [header, row, ...others] = (await said('ps')).trimEnd().split('\n');
      expect(fields(header)).toEqual(['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES']);
      expect(fields(row)).toEqual([
        expect.stringMatching(/^[0-9a-f]{12}$/),
        image,
        '"sh -c \'echo out; ec…"',
        expect.stringMatching(/ ago$/),
        expect.stringMatching(/^Up /),
        'web',
      ]);
      expect(others).toEqual([]);
    });

    it('-a shows all, the newest first', async () => {
      const rows = (await said('ps', '-a', '--format', '{{.Names}}: {{.Status}}')).trimEnd().split('\n');
      expect(rows).toEqual([
        expect.stringMatching(/^seen: Exited \(0\) .* ago$/),
        expect.stringMatching(/^ended: Exited \(3\) .* ago$/),
        expect.stringMatching(/^web: Up /),
      ]);
    });

    it('-q, -l, -n and --no-trunc', async () => {
      const id = (await said('ps', '-q', '--no-trunc')).trimEnd();
      expect(id).toMatch(/^[0-9a-f]{64}$/);
      expect(await said('ps', '--quiet')).toBe(`${id.slice(0, 12)}\n`);
      expect(await said('ps', '-l', '--format', '{{.Names}}')).toBe('seen\n');
      expect(await said('ps', '-n', '2', '--format', '{{.Names}}')).toBe('seen\nended\n');
    });

    it('filters', async () => {
      const filtered = (...filters: string[]) =>
        said('ps', '-a', '--format', '{{.Names}}', ...filters.flatMap((filter) => ['-f', filter]));
      expect(await filtered('label=tier')).toBe('ended\nweb\n');
      expect(await filtered('label=tier=back')).toBe('ended\n');
      expect(await filtered('status=running')).toBe('web\n');
      expect(await filtered('exited=3')).toBe('ended\n');
      expect(await filtered('since=web', 'name=seen')).toBe('seen\n');
      expect(await tsbox('ps', '--filter', 'foo=bar')).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringContaining('the filters are ancestor, before'),
      });
    });

    it('formats: typed JSON, docker’s fields in templates, an error that says where', async () => {
      const [box] = JSON.parse(await said('ps', '--format=json'));
      expect(box).toMatchObject({ name: 'web', state: 'running', labels: { tier: 'front' }, pid: expect.any(Number) });
      expect(JSON.parse(await said('ps', '--format=jsonl'))).toEqual(box);
      expect(JSON.parse(await said('ps', '--format', '{{json .}}'))).toMatchObject({
        ID: box.id.slice(0, 12),
        Labels: 'tier=front',
        Networks: 'none',
        State: 'running',
      });
      expect(await said('ps', '--format', 'table {{.Names}}\\t{{.Label "tier"}}')).toBe(
        'NAMES     tier\nweb       front\n',
      );
      expect(await tsbox('ps', '--format', '{{.Nope}}')).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringContaining('1:3: <.Nope>: there is no such field'),
      });
    });

    it('-s shows what was written', async () => {
      const [, row] = (await said('ps', '-s')).trimEnd().split('\n');
      expect(row).toMatch(/ {2}2B \(virtual [\d.]+MB\)$/);
    });
  });

  describe('inspect', () => {
    it('has docker’s shape', async () => {
      const [box] = JSON.parse(await said('inspect', 'web'));
      expect(box).toMatchObject({
        Name: '/web',
        Path: 'sh',
        Args: ['-c', expect.stringContaining('echo out')],
        State: { Status: 'running', Running: true, Paused: false, Pid: expect.any(Number), ExitCode: 0 },
        Config: { Hostname: box.Id.slice(0, 12), Labels: { tier: 'front' }, Env: ['A=b'], Tty: false },
        HostConfig: { Memory: 64 * 2 ** 20, NetworkMode: 'none', RestartPolicy: { Name: 'no' } },
        NetworkSettings: { Ports: {}, Networks: { none: {} } },
      });
      const [ended] = JSON.parse(await said('inspect', 'ended'));
      expect(ended.State).toMatchObject({ Status: 'exited', Running: false, Pid: 0, ExitCode: 3 });
      expect(Date.parse(ended.State.FinishedAt)).toBeGreaterThanOrEqual(Date.parse(ended.State.StartedAt));
    });

    it('says where each value came from, and what became of each request', async () => {
      const [{ Tsbox: own }] = JSON.parse(await said('inspect', 'web'));
      expect(own.Origins).toMatchObject({ memory: '--memory', network: '--network', cpus: 'default' });
      expect(own.Requests).toContainEqual({ request: '--memory', outcome: 'enforced' });
      expect(own.Drivers.network).toMatchObject({ name: 'none' });
      expect(own.Spec.resources.memory).toBe(64 * 2 ** 20);
    });

    it('through a template, of several, with an error for what is not there', async () => {
      const format = '{{.State.Status}} {{.HostConfig.Memory}} {{index .Config.Labels "tier"}}';
      const { status, stdout, stderr } = await tsbox('inspect', '-f', format, 'web', 'nosuch', 'ended');
      expect([status, stdout]).toEqual([1, 'running 67108864 front\nexited 0 back\n']);
      expect(stderr).toContain('nosuch');
      expect(await tsbox('inspect', 'nosuch')).toMatchObject({ status: 1, stdout: '[]\n' });
      expect(await tsbox('inspect', '--type=volume', 'web')).toMatchObject({ status: 1, stdout: '[]\n' });
      expect(await said('inspect', '--type=network', '-f', '{{.Driver}}', 'bridge')).toBe('bridge\n');
      expect(await said('inspect', '-s', '-f', '{{.SizeRw}}', 'web')).toBe('2\n');
    });
  });

  describe('logs', () => {
    it('each stream goes to its own, byte for byte', async () => {
      expect(await tsbox('logs', 'web')).toEqual({ status: 0, stdout: 'out\nit  has   spaces\n', stderr: 'err\n' });
    });

    it('--tail, -t, --since and --until', async () => {
      expect(await said('logs', '--tail', '1', 'ended')).toBe('bye\n');
      expect(await said('logs', '-n0', 'ended')).toBe('');
      expect((await tsbox('logs', '-t', 'web')).stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{9}Z out\n/);
      expect(await said('logs', '--since', '0s', 'web')).toBe('');
      expect((await tsbox('logs', '--since', '1h', 'web')).stdout).toContain('out\n');
      expect(await said('logs', '--until', '1h', 'web')).toBe('');
      expect(await tsbox('logs', '--since', 'never', 'web')).toMatchObject({ status: 1, stdout: '' });
    });

    it('-f ends with the container', async () => {
      await detached('short', [], 'sh', '-c', 'echo one; read line; echo two');
      // Without -i its stdin is empty.
      expect(await said('logs', '-f', 'short')).toBe('one\ntwo\n');
      await said('rm', 'short');
    });

    it('of one that ran in the foreground: where they went', async () => {
      expect(await tsbox('logs', 'seen')).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringContaining('it ran in the foreground'),
      });
    });

    it('a reader that goes away is no failure', async () => {
      await detached('much', [], 'sh', '-c', 'seq 100000');
      await said('wait', 'much');
      const child = startCli([...state.flags, 'logs', 'much']);
      child.stdout?.once('data', () => child.stdout?.destroy());
      expect(await finished(child)).toMatchObject({ status: 0, stderr: '' });
      await said('rm', 'much');
    });
  });

  describe('events', () => {
    it('can be followed by any process while it happens, and asked for afterwards', async () => {
      const stream = startCli([...state.flags, 'events', '--format', '{{.Action}} {{.Actor.Attributes.exitCode}}']);
      const lines: string[] = [];
      const died = new Promise<void>((resolve) => {
        stream.stdout?.setEncoding('utf8').on('data', (text: string) => {
          lines.push(...text.trimEnd().split('\n'));
          if (text.includes('die')) resolve();
        });
      });
      // Until it follows, nothing that happens is told.
      while (lines.length === 0)
        await detached('told', ['--rm'], 'sh', '-c', 'exit 7').then(() => tsbox('wait', 'told'));
      await died;
      stream.kill();
      await finished(stream);
      expect(lines.filter((line) => /^(start|die)/.test(line))).toContain('die 7');
      const past = await said('events', '--since=1h', '--until=0s', '-f', 'container=ended', '--format=json');
      const events = past
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(events.map(({ Action }) => Action)).toEqual(expect.arrayContaining(['start', 'die']));
      const die = events.find(({ Action }) => Action === 'die');
      expect(die).toMatchObject({ Type: 'container', Actor: { Attributes: { exitCode: '3', name: 'ended' } } });
      expect(die.timeNano / 1e9).toBeCloseTo(die.time, -1);
      expect(await said('events', '--since=1h', '--until=0s', '-f', 'event=die', '-f', 'container=ended')).toMatch(
        /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z container die [0-9a-f]{64} \(exitCode=3, image=.*, name=ended, tier=back\)\n$/,
      );
    });
  });

  it('port, ps and inspect say where ports are published, while it runs', async () => {
    const flags = ['-p', '127.0.0.1:8080:80', '-p', '8081-8082:81-82/udp', '--network=bridge'];
    await said('run', '-d', '--name', 'open', ...flags, image, 'sleep', '600');
    expect(await said('port', 'open')).toBe(
      '80/tcp -> 127.0.0.1:8080\n81/udp -> 0.0.0.0:8081\n82/udp -> 0.0.0.0:8082\n',
    );
    expect(await said('port', 'open', '80')).toBe('127.0.0.1:8080\n');
    expect(await said('port', 'open', '82/udp')).toBe('0.0.0.0:8082\n');
    expect(await tsbox('port', 'open', '82')).toMatchObject({ status: 1, stderr: expect.stringContaining('82/tcp') });
    expect(await said('ps', '-f', 'publish=8082/udp', '--format', '{{.Ports}}')).toBe(
      '127.0.0.1:8080->80/tcp, 0.0.0.0:8081-8082->81-82/udp\n',
    );
    const format = '{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}} {{.NetworkSettings.IPAddress}}';
    expect(await said('inspect', '-f', format, 'open')).toMatch(/^8080 \d+\.\d+\.\d+\.\d+\n$/);
    await said('kill', 'open');
    await said('wait', 'open');
    expect(await said('port', 'open')).toBe('');
    expect(await said('ps', '-a', '-f', 'name=open', '--format', '{{.Ports}}')).toBe('\n');
    await said('rm', 'open');
  });

  it('port of one without any', async () => {
    expect(await said('port', 'web')).toBe('');
    expect(await tsbox('port', 'web', '80')).toMatchObject({ status: 1, stdout: '' });
  });
});
