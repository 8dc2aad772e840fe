import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { beforeAll, expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { REPOSITORY, runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox', 'runc');
const { directory, flags } = tempRoot();
const image = join(directory, 'image');
beforeAll(() => void busyboxImage(image));

/** The parts of the specification's schema, which name each other by their files; ajv has no draft 4. */
const ajv = new Ajv({ strict: false, validateFormats: false });
for (const name of ['config-linux.json', 'defs.json', 'defs-linux.json', 'config-schema.json']) {
  const { $schema: _, ...schema } = JSON.parse(readFileSync(join(REPOSITORY, 'test/fixtures/oci', name), 'utf8'));
  ajv.addSchema(schema, name);
}
// A configuration of ours has no part of another platform.
for (const platform of ['freebsd', 'solaris', 'vm', 'windows', 'zos'])
  ajv.addSchema({ [platform]: { not: {} } }, `config-${platform}.json`);
const isValid = ajv.getSchema('config-schema.json') as NonNullable<ReturnType<Ajv['getSchema']>>;

interface Config {
  readonly process: {
    readonly args: string[];
    readonly terminal: boolean;
    readonly capabilities: Record<string, string[]>;
    readonly user: object;
  };
  readonly mounts: { readonly destination: string; readonly type: string; readonly options: string[] }[];
  readonly annotations: Record<string, string>;
  readonly root: object;
  readonly linux: {
    readonly namespaces: { readonly type: string; readonly path?: string }[];
    readonly resources: Record<string, object>;
    readonly maskedPaths: string[];
    readonly uidMappings?: object[];
    readonly sysctl: Record<string, string>;
    readonly devices: object[];
  };
}

/** What `plan --format oci` prints, checked against the schema. */
async function planned(options: readonly string[], command: readonly string[] = ['true']): Promise<string> {
  const { status, stdout, stderr } = await runCli([...flags, 'plan', '--format=oci', ...options, image, ...command]);
  expect([status, stderr]).toEqual([0, '']);
  isValid(JSON.parse(stdout));
  expect(isValid.errors ?? []).toEqual([]);
  return stdout;
}
const config = async (...options: string[]): Promise<Config> => JSON.parse(await planned(options));
const types = ({ linux }: Config) => linux.namespaces.map(({ type }) => type).sort();

describe('plan --format oci', () => {
  it('is refused by the schema when it is broken', async () => {
    const broken = JSON.parse(await planned(['--network=none']));
    broken.linux.namespaces[0].type = 'world';
    expect(isValid(broken)).toBe(false);
  });

  it('has process, namespaces, masks and the calls that it has no words for', async () => {
    const made = await config('--network=none');
    expect(types(made)).toEqual(['cgroup', 'ipc', 'mount', 'network', 'pid', 'uts']);
    expect(made.process).toMatchObject({ args: ['true'], terminal: false, user: { uid: 0, gid: 0, umask: 0o022 } });
    expect(made.process.capabilities.bounding).toContain('CAP_CHOWN');
    expect(made.linux.maskedPaths).toContain('/proc/kcore');
    expect(made.linux.sysctl).toHaveProperty(['net.ipv4.ip_unprivileged_port_start'], '0');
    expect(made.annotations).toMatchObject({ 'tsbox.image': image, 'tsbox.driver.network': 'none' });
  });

  it('of a privileged container masks nothing and has all devices', async () => {
    const made = await config('--network=none', '--privileged');
    expect(made.linux).toMatchObject({ maskedPaths: [], readonlyPaths: [] });
    expect(made.linux.resources.devices).toEqual([{ allow: true, access: 'rwm' }]);
    expect(made.process.capabilities.bounding).toContain('CAP_SYS_ADMIN');
  });

  it('has the maps of a user namespace', async () => {
    const made = await config('--network=none', '--userns=100000:100000:65536');
    expect(types(made)).toContain('user');
    expect(made.linux.uidMappings).toEqual([{ containerID: 0, hostID: 100000, size: 65536 }]);
  });

  it('has limits', async () => {
    const made = await config('--network=none', '-m', '64m', '--cpus=0.5', '--pids-limit=16', '--ulimit=nofile=64:128');
    expect(made.linux.resources).toMatchObject({
      memory: { limit: 64 * 2 ** 20, swap: 128 * 2 ** 20 },
      cpu: { quota: 50_000, period: 100_000 },
      pids: { limit: 16 },
    });
    expect(made.process).toMatchObject({
      rlimits: expect.arrayContaining([{ type: 'RLIMIT_NOFILE', soft: 64, hard: 128 }]),
    });
  });

  it('has an unlimited rlimit as the number that the kernel knows', async () => {
    const text = await planned(['--network=none', '--ulimit=fsize=-1:-1']);
    expect(text).toMatch(/"type": "RLIMIT_FSIZE",\s+"soft": 18446744073709551615,\s+"hard": 18446744073709551615/);
  });

  it('says in annotations which ports would be published', async () => {
    const made = await config('--network=bridge', '-p', '127.0.0.1:8080:80');
    expect(made.annotations).toMatchObject({ 'tsbox.network.ports': '127.0.0.1:8080:80/tcp' });
  });

  it('has a terminal, mounts, a read-only root and a user', async () => {
    const made = await config(
      ...['--network=none', '-t', '--read-only', '-v', `${directory}:/data:ro`, '--tmpfs', '/run:size=1m,exec'],
      ...['-u', '1000:1000', '--cap-drop=ALL', '--hostname=web'],
    );
    expect(made.process).toMatchObject({ terminal: true, user: { uid: 1000, gid: 1000 } });
    expect(made.process.capabilities).toMatchObject({ bounding: [], effective: [] });
    expect(made).toMatchObject({ hostname: 'web', root: { path: 'rootfs', readonly: true } });
    const at = (path: string) => made.mounts.find(({ destination }) => destination === path);
    expect(at('/data')).toMatchObject({ type: 'bind', source: directory, options: ['rbind', 'ro', 'rprivate'] });
    expect(at('/run')).toMatchObject({ type: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777', 'size=1048576'] });
  });

  it('lists what a plugin of a config file would do', async () => {
    const plugin = join(directory, 'greeting.mjs');
    const handler = "({ child }) => child.inside.call('umask', [0o27])";
    writeFileSync(plugin, `export default { name: 'greeting', apiVersion: 1, hooks: { childSetup: ${handler} } };\n`);
    const file = join(directory, 'tsbox.yaml');
    writeFileSync(file, 'plugins: [./greeting.mjs]\n');
    const args = ['--config', file, ...flags, 'plan', '--format=oci', '--network=none', image, 'true'];
    const { stdout } = await runCli(args);
    expect(JSON.parse(stdout).annotations).toMatchObject({ 'tsbox.plugin.greeting': 'child umask 23' });
  });
});

describe('a bundle made of it', () => {
  const run = promisify(execFile);
  let count = 0;

  /** What a command says under runc, with the configuration that is planned for it. */
  async function underRunc(options: readonly string[], command: readonly string[]): Promise<string> {
    const bundle = join(directory, `bundle-${++count}`);
    mkdirSync(bundle);
    busyboxImage(join(bundle, 'rootfs'));
    writeFileSync(join(bundle, 'config.json'), await planned(options, command));
    const args = ['--root', join(directory, 'runc'), 'run', '--bundle', bundle, `tsbox-test-${process.pid}-${count}`];
    const { stdout } = await run('runc', args, { timeout: 30_000 });
    return stdout;
  }
  const underTsbox = async (options: readonly string[], command: readonly string[]): Promise<string> => {
    const { stdout } = await runCli([...flags, 'run', '--rm', ...options, image, ...command]);
    return stdout;
  };
  const show = ['sh', '-c', 'id; grep -E "^(Cap|NoNewPrivs)" /proc/self/status; umask; ulimit -n; hostname; pwd'];

  it('runs', async () => {
    expect(await underRunc(['--network=none'], ['true'])).toBe('');
    expect(await underRunc(['--network=none'], ['id', '-u'])).toBe('0\n');
  });

  it.each([
    ['by default', ['--network=none', '--hostname=box']],
    ['for a user', ['--network=none', '--hostname=box', '-u', '1000:1000', '-w', '/tmp']],
    ['with other rights', ['--network=none', '--hostname=box', '--cap-drop=ALL', '--cap-add=CHOWN']],
    ['with limits', ['--network=none', '--hostname=box', '-m', '64m', '--pids-limit=32', '--ulimit=nofile=64:128']],
  ])('has the ids, rights and limits of a tsbox container %s', async (_, options) => {
    expect(await underRunc(options, show)).toBe(await underTsbox(options, show));
  });

  it('has namespaces of its own where a tsbox container has them', async () => {
    const namespaces = ['sh', '-c', 'for n in mnt uts ipc pid net cgroup user; do readlink /proc/self/ns/$n; done'];
    const { stdout } = await run('sh', namespaces.slice(1));
    const host = stdout.split('\n');
    for (const options of [['--network=none'], ['--network=host', '--uts=host', '--ipc=host']]) {
      const shared = (text: string) => text.split('\n').map((name, index) => name === host[index]);
      expect(shared(await underRunc(options, namespaces))).toEqual(shared(await underTsbox(options, namespaces)));
    }
  });

  it('shows and hides what a tsbox container does', async () => {
    const options = ['--network=none', '--tmpfs', '/scratch:size=1m', '-v', `${image}/etc:/data:ro`];
    const script =
      'cat /proc/kcore | wc -c; ls /sys/firmware | wc -l; touch /data/x 2>&1; echo 1 2>&1 >/proc/sys/kernel/panic; grep -c " /scratch tmpfs" /proc/mounts; ls /dev | grep -v core | tr "\\n" " "';
    const command = ['sh', '-c', script];
    expect(await underRunc(options, command)).toBe(await underTsbox(options, command));
  });
});
