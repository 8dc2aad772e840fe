import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { containers } from '../../support/container.js';
import { busyboxImage } from '../../support/image.js';
import { finished, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox');
const state = tempRoot();
let number = 0;

/** A new image; `change` makes it what the test is about. */
function image(change: (directory: string) => void = () => {}): string {
  const directory = busyboxImage(join(state.directory, `image${number++}`));
  change(directory);
  return directory;
}

function directory(name: string, files: Record<string, string> = {}): string {
  const path = join(state.directory, name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

describe('binds and tmpfs', () => {
  it('are where they were asked for, made where they are missing, the deeper ones on the others', async () => {
    const source = directory('source', { file: 'from the host' });
    const run = containers(state, image());
    const flags = [
      '-v',
      `${source}/file:/data/deep/in/file:ro`,
      '-v',
      `${source}:/data/deep`,
      '--tmpfs',
      '/data:size=1m',
    ];
    mkdirSync(join(source, 'in'));
    writeFileSync(join(source, 'in/file'), '');
    const { stdout, stderr } = await run(
      flags,
      'cat /data/deep/file /data/deep/in/file; echo; echo x >/data/deep/new; echo x >/data/deep/in/file; df -k /data | tail -1 | tr -s " " | cut -d" " -f2',
    );
    expect(stdout).toBe('from the hostfrom the host\n1024\n');
    expect(stderr).toContain('Read-only file system');
    expect(readFileSync(join(source, 'new'), 'utf8')).toBe('x\n');
  });

  it('of a tmpfs have the mode and flags that were asked for', async () => {
    const run = containers(state, image());
    const { stdout } = await run(
      ['--tmpfs', '/a', '--tmpfs', '/b:exec,mode=700'],
      'grep -E " /[ab] " /proc/mounts | cut -d" " -f2,4; stat -c %a /a /b',
    );
    const [a = '', b = '', ...modes] = stdout.trim().split('\n');
    expect(a).toMatch(/^\/a rw,nosuid,nodev,noexec/);
    expect(b).toMatch(/^\/b rw,nosuid,nodev,relatime/);
    expect(modes).toEqual(['1777', '700']);
  });

  it('tied to the host with rslave see what is mounted there later, and nothing comes back', async () => {
    const shared = directory('shared/below');
    const place = join(shared, '..');
    execFileSync('mount', ['-t', 'tmpfs', 'tsbox-test', place]);
    try {
      execFileSync('mount', ['--make-shared', place]);
      mkdirSync(shared);
      const script =
        'echo started; while ! grep -q "^later /data/below " /proc/mounts; do sleep 0.1; done; mount -t tmpfs inside /tmp; mount --bind /tmp /data/below; echo seen';
      const child = startCli([
        ...state.flags,
        'run',
        '--rm',
        '--network=none',
        '--cap-add=SYS_ADMIN',
        '-v',
        `${place}:/data:rslave`,
        image(),
        'sh',
        '-c',
        script,
      ]);
      child.stdout?.once('data', () => execFileSync('mount', ['-t', 'tmpfs', 'later', shared]));
      const { stdout, status } = await finished(child);
      expect([stdout, status]).toEqual(['started\nseen\n', 0]);
      expect(readFileSync('/proc/self/mountinfo', 'utf8').match(new RegExp(`${shared} `, 'g'))).toHaveLength(1);
    } finally {
      execFileSync('umount', ['-R', place]);
    }
  });

  it('of a device are nodes that can be used', async () => {
    const run = containers(state, image());
    const { stdout } = await run(
      ['--device', '/dev/zero:/dev/sub/zero', '--device', '/dev/null:/opt/null'],
      'stat -c "%t:%T" /dev/sub/zero /opt/null; head -c 3 /dev/sub/zero | wc -c; echo x >/opt/null',
    );
    expect(stdout).toBe('1:5\n1:3\n3\n');
  });
});

describe('--read-only', () => {
  it('leaves only what was mounted to be written', async () => {
    const source = directory('writable');
    const run = containers(state, image());
    const script =
      'for f in /x /etc/x /etc/hosts /root/x; do echo x >>$f && echo "written: $f"; done; for f in /tmp/x /data/x /dev/shm/x /dev/x; do echo x >$f || echo "refused: $f"; done';
    const { stdout, stderr } = await run(
      ['--read-only', '--tmpfs', '/tmp', '-v', `${source}:/data`, '-w', '/made/for/this'],
      `pwd; ${script}`,
    );
    expect(stdout).toBe('/made/for/this\n');
    expect(stderr.match(/Read-only file system/g)).toHaveLength(4);
    expect(readdirSync(source)).toEqual(['x']);
  });
});

describe('generated files', () => {
  it('are bound over those of the image, which stay as they are', async () => {
    const path = image((root) => writeFileSync(join(root, 'etc/hosts'), 'of the image\n'));
    const { stdout } = await containers(state, path)(
      ['-h', 'web', '--add-host', 'db:192.0.2.7', '--dns', '192.0.2.53'],
      'cat /etc/hostname /etc/resolv.conf; grep -c localhost /etc/hosts; grep -w db /etc/hosts; grep -w web /etc/hosts | cut -f1; stat -c %u:%g:%a /etc/hosts; hostname',
    );
    expect(stdout).toBe(
      'web\nnameserver 192.0.2.53\n2\n192.0.2.7\tdb\n127.0.1.1\n0:0:644\nweb\n'.replace(
        'nameserver 192.0.2.53\n',
        `nameserver 192.0.2.53\n${hostSearch()}`,
      ),
    );
    expect(readFileSync(join(path, 'etc/hosts'), 'utf8')).toBe('of the image\n');
  });

  it('cover a link of the image and do not follow it', async () => {
    const path = image((root) => {
      symlinkSync('../run/nowhere/stub-resolv.conf', join(root, 'etc/resolv.conf'));
      symlinkSync('/etc/passwd', join(root, 'etc/hosts'));
    });
    const { stdout, stderr, status } = await containers(state, path)(
      [],
      'grep -c localhost /etc/hosts; grep -c root /etc/passwd; [ -L /etc/resolv.conf ] || echo no link',
    );
    expect([stdout, stderr, status]).toEqual(['2\n1\nno link\n', '', 0]);
  });

  it('are readable for every user, whatever the umask of the caller is', async () => {
    const run = containers(state, image());
    const umask = process.umask(0o077);
    try {
      const { stdout } = await run(['-u', '1000'], 'cat /etc/hosts | wc -l; umask; pwd');
      expect(stdout).toBe('7\n0022\n/\n');
    } finally {
      process.umask(umask);
    }
  });
});

describe('a hostile image', () => {
  const victim = directory('victim', { file: 'secret' });
  const up = '/../../../../../../../../../..';

  it.each(['proc', 'sys', 'dev'])('with a link in the place of /%s is refused', async (name) => {
    const path = image((root) => {
      rmdirSync(join(root, name));
      symlinkSync('/tmp', join(root, name));
    });
    const { status, stderr } = await containers(state, path)([], 'true');
    expect(status).toBe(125);
    expect(stderr).toMatch(/ELOOP[\s\S]*fix:/);
  });

  it('whose files are links out of it reaches nothing outside', async () => {
    const path = image((root) => {
      symlinkSync(`${up}${victim}/new`, join(root, 'etc/hosts'));
      symlinkSync(`${up}${victim}/file`, join(root, 'etc/resolv.conf'));
      symlinkSync(`${up}${victim}`, join(root, 'data'));
      mkdirSync(join(root, victim), { recursive: true });
    });
    const source = directory('harmless', { mark: '' });
    const { stdout, status } = await containers(state, path)(
      ['-v', `${source}:/data/in`],
      `ls ${victim}/in; echo x >/data/written`,
    );
    expect([stdout, status]).toEqual(['mark\n', 0]);
    expect(readdirSync(victim)).toEqual(['file']);
    expect(existsSync(join(path, victim, 'in'))).toBe(false);
  });

  it.each(['/proc/self/root', '/proc/1/cwd', '/proc/self/fd/4'])(
    'whose mount target or working directory leads through %s is refused',
    async (magic) => {
      const path = image((root) => symlinkSync(magic, join(root, 'magic')));
      const run = containers(state, path);
      expect(await run(['-v', `${victim}:/magic/in`], 'true')).toMatchObject({
        status: 125,
        stderr: expect.stringContaining('ELOOP'),
      });
      expect(await run(['-w', '/magic'], 'true')).toMatchObject({
        status: 125,
        stderr: expect.stringContaining('ELOOP'),
      });
    },
  );

  it('whose command is a descriptor of ours finds none', async () => {
    for (const fd of [3, 4, 5, 6, 7, 8, 9]) {
      const { status } = await containers(
        state,
        image((root) => symlinkSync(`/proc/self/fd/${fd}/bin/sh`, join(root, 'bin/escape'))),
      )([`--entrypoint=/bin/escape`], 'true');
      expect([126, 127]).toContain(status);
    }
  });
});

/** What the container keeps of the host's resolv.conf when only name servers were given. */
function hostSearch(): string {
  const lines = readFileSync('/etc/resolv.conf', 'utf8')
    .split('\n')
    .map((text) => text.trim());
  const kept = [
    ...lines.filter((text) => /^(search|domain)\s/.test(text)),
    ...lines.filter((text) => /^options\s/.test(text)),
  ];
  return kept.map((text) => `${text}\n`).join('');
}
