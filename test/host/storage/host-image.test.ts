import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { CLI } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const NOBODY = 65_534;

/**
 * Runs a script in a container of the host image. The machine has one mount more, on /srv, in a mount
 * namespace of its own; the state of tsbox is in it, where a container would see it.
 */
function runOnMachine(disk: string, user: boolean, script: string): string {
  const drop = user ? `setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups` : '';
  const flags = '--root=/srv/state/root --runroot=/srv/state/run run --rm --network=none --storage=overlay';
  const machine = `mount --bind "$DISK" /srv; ${drop} "$NODE" "$CLI" ${flags} host sh -c "$SCRIPT"`;
  const env = { ...process.env, NODE: process.execPath, CLI, SCRIPT: script, DISK: disk, HOME: '/srv/state' };
  return execFileSync('unshare', ['--mount', 'sh', '-euc', machine], { cwd: '/', encoding: 'utf8', env });
}

for (const user of [false, true]) {
  const { describe, it } = skipUnless('root', 'overlay', ...(user ? (['userns'] as const) : []));

  describe(`the host image for ${user ? 'an ordinary user' : 'root'}`, () => {
    const disk = tempDirectory(user ? { uid: NOBODY, gid: NOBODY } : undefined);
    const run = (script: string) => runOnMachine(disk, user, script);
    beforeAll(() => {
      writeFileSync(join(disk, 'file'), 'of the machine\n');
      mkdirSync(join(disk, 'state'));
      if (user) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, disk]);
    });

    it('shows what is mounted below /, and keeps the writes', () => {
      expect(run('cat /srv/file; echo new > /srv/file; cat /srv/file; rm /srv/file; ls /srv')).toBe(
        'of the machine\nnew\nstate\n',
      );
      expect(execFileSync('cat', [join(disk, 'file')], { encoding: 'utf8' })).toBe('of the machine\n');
    });

    it('keeps the writes to top-level directories', () => {
      expect(run('echo x > /etc/tsbox-test && cat /etc/tsbox-test && echo y > /tsbox-test && cat /tsbox-test')).toBe(
        'x\ny\n',
      );
      expect([existsSync('/etc/tsbox-test'), existsSync('/tsbox-test')]).toEqual([false, false]);
    });

    it('has a /run and a /tmp of its own', () => {
      expect(run('ls -A /tmp /run; stat -c %a /tmp /run; touch /tmp/mine')).toBe('/run:\n\n/tmp:\n1777\n755\n');
    });

    it('shows nothing of the state of tsbox', () => {
      expect(run('ls -A /srv/state/root /srv/state/run; touch /srv/state/root/x 2>&1 || true')).toMatch(
        /^\/srv\/state\/root:\n\n\/srv\/state\/run:\ntouch: .*Read-only file system\n$/,
      );
    });
  });
}
