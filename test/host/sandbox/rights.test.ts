import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { containers } from '../../support/container.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox');
const state = tempRoot();
const image = join(state.directory, 'image');
const run = containers(state, image);

beforeAll(() => void busyboxImage(image));

/** Fields of /proc/self/status, as the command has them; not through a shell, which may ignore SIGQUIT. */
async function status(flags: readonly string[] = []): Promise<Record<string, string>> {
  const { stdout, stderr } = await run(flags, ['cat', '/proc/self/status']);
  if (stdout === '') throw new Error(stderr);
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/:\s*/, 2)),
  );
}

const DEFAULT = '00000000a80425fb';
const NONE = '0000000000000000';

describe('capabilities', () => {
  it("are docker's fourteen for root", async () => {
    expect(await status()).toMatchObject({
      CapInh: NONE,
      CapPrm: DEFAULT,
      CapEff: DEFAULT,
      CapBnd: DEFAULT,
      CapAmb: NONE,
      NoNewPrivs: '1',
    });
  });

  it('are none for an ordinary user, who can gain no other either', async () => {
    expect(await status(['-u', 'alice'])).toMatchObject({
      CapInh: NONE,
      CapPrm: NONE,
      CapEff: NONE,
      CapBnd: DEFAULT,
      CapAmb: NONE,
    });
  });

  it('are what was added and dropped', async () => {
    expect(await status(['--cap-drop=ALL', '--cap-add=CHOWN'])).toMatchObject({
      CapPrm: '0000000000000001',
      CapEff: '0000000000000001',
      CapBnd: '0000000000000001',
    });
    expect(await status(['--cap-add=SYS_PTRACE', '--cap-drop=NET_RAW'])).toMatchObject({ CapEff: '00000000a80c05fb' });
  });

  it('are all that tsbox has with --privileged', async () => {
    const own = /^CapPrm:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    expect(await status(['--privileged'])).toMatchObject({ CapEff: own, CapBnd: own });
  });

  it('that are missing forbid what they guard', async () => {
    const { stdout, stderr } = await run(
      [],
      'mount -t tmpfs x /tmp || echo no mount; hostname x || echo no hostname; chroot / true && echo chroot',
    );
    expect(stdout).toBe('no mount\nno hostname\nchroot\n');
    expect(stderr.toLowerCase()).toMatch(/permission denied|not permitted/);
  });
});

describe('the command', () => {
  it('runs as the user and groups that were asked for', async () => {
    expect((await run(['-u', 'alice'], 'id')).stdout).toBe(
      'uid=1000(alice) gid=1000(alice) groups=10(wheel),1000(alice)\n',
    );
    expect((await run(['-u', '12:34', '--group-add', '56'], 'id')).stdout).toBe('uid=12 gid=34 groups=34,56\n');
  });

  it('has no descriptors but its standard streams', async () => {
    // The directory that ls reads is the fourth.
    expect((await run([], 'ls /proc/self/fd')).stdout).toBe('0\n1\n2\n3\n');
    expect((await run([], 'ls /proc/self/fd', { env: {} })).stdout).toBe('0\n1\n2\n3\n');
  });

  it('has no signal blocked, ignored or caught', async () => {
    expect(await status()).toMatchObject({ SigBlk: NONE, SigIgn: NONE, SigCgt: NONE, SigPnd: NONE, ShdPnd: NONE });
  });

  it('has an environment of its own', async () => {
    const { stdout } = await run(['-e', 'GIVEN=1'], 'env | cut -d= -f1 | sort', { env: { SECRET: 'x' } });
    expect(stdout.split('\n').filter((name) => !['PWD', 'SHLVL', 'OLDPWD', '_', ''].includes(name))).toEqual([
      'GIVEN',
      'HOME',
      'HOSTNAME',
      'PATH',
    ]);
  });

  it('has the usual umask, and leaves no core files', async () => {
    expect((await run([], 'umask; ulimit -c; ulimit -Hc')).stdout).toBe('0022\n0\n0\n');
  });

  it('leads a session of its own, without a terminal', async () => {
    expect((await run([], 'cut -d" " -f5-7 /proc/self/stat; echo x >/dev/tty || echo no terminal')).stdout).toBe(
      '1 1 0\nno terminal\n',
    );
  });

  it('starts in the working directory, which is made where it is missing', async () => {
    expect((await run(['-w', '/srv/new/place'], 'pwd; stat -c %u:%a .')).stdout).toBe('/srv/new/place\n0:755\n');
    expect(await run(['-w', '/etc/passwd'], 'true')).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(/ENOTDIR[\s\S]*must be a directory/),
    });
  });

  it('may start in a directory that only root can search, as with docker', async () => {
    expect((await run(['-u', 'alice', '-w', '/root'], 'pwd')).stdout).toBe('/root\n');
  });

  it('has the limits that were asked for', async () => {
    const { stdout } = await run(
      ['--ulimit', 'nofile=64:128', '--ulimit', 'nproc=100'],
      'ulimit -n; ulimit -Hn; ulimit -u; ulimit -c',
    );
    expect(stdout).toBe('64\n128\n100\n0\n');
    expect((await run([], 'ulimit -n')).stdout).toBe('1024\n');
  });

  it('is refused limits that would be raised', async () => {
    const { status: code, stderr } = await run(['--ulimit', 'nofile=999999999'], 'true');
    expect(code).toBe(125);
    expect(stderr).toMatch(/never raised[\s\S]*fix: --ulimit nofile=/);
  });
});

describe('--init', () => {
  it('is pid 1, the command its child, and its exit status is the command’s', async () => {
    const { stdout, status: code } = await run(
      ['--init'],
      'echo $$; cat /proc/1/comm; cut -d" " -f4 /proc/1/stat; ls -A /proc/1/fd | wc -l; exit 7',
    );
    expect([stdout, code]).toEqual(['2\ntsbox-init\n0\n0\n', 7]);
  });

  it('reaps what is orphaned and passes signals on', async () => {
    const script =
      '(sleep 0.1 & ) ; sleep 0.4; grep -l "^State:.*Z" /proc/[0-9]*/status; trap "echo term; exit 3" TERM; kill -TERM 1; sleep 5 & wait $!';
    const { stdout, status: code } = await run(['--init'], script);
    expect([stdout, code]).toEqual(['term\n', 3]);
  });
});
