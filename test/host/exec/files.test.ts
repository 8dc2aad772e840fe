import { beforeAll, beforeEach, expect } from 'vitest';
import type { Box } from '../../../core/index.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { executing } from './support.js';

const { describe, it } = skipUnless('root', 'busybox');

describe('what a container may have put in the place of files that exec looks at', () => {
  const { start, exec, warnings } = executing(tempRoot());
  let box: Box;

  beforeAll(async () => {
    box = await start();
    await exec(box, 'cp /etc/passwd /etc/passwd.good');
  });
  beforeEach(async () => {
    await exec(box, 'rm -rf /etc/passwd; cp /etc/passwd.good /etc/passwd', { user: '0:0' });
    warnings.splice(0);
  });

  const replacements = [
    ['a FIFO', 'mkfifo', 'no regular file'],
    ['a device that never ends', 'mknod -m 666 /etc/passwd c 1 5; :', 'no regular file'],
    ['a gigabyte of holes', 'truncate -s 1G', 'more than 1048576'],
    ['a directory', 'mkdir', 'no regular file'],
    ['a link in a circle', 'ln -s passwd', 'ELOOP'],
    ['a link to a magic link', 'ln -s /proc/1/cwd/etc/passwd.good', 'ELOOP'],
    ['a link to what waits when it is read', 'ln -s /proc/kmsg', undefined],
    ["a link to its first process's environment", 'ln -s /proc/1/environ', undefined],
    ['a link that climbs out', 'ln -s ../../../../../../../../../../nowhere/passwd', undefined],
  ] as const;

  it.each(replacements)('%s for /etc/passwd hurts nobody', async (_, command, warning) => {
    await exec(box, `rm /etc/passwd && ${command} /etc/passwd`);
    const before = performance.now();
    expect(await exec(box, 'echo $HOME')).toMatchObject({ status: 0, stdout: '/\n' });
    await expect(exec(box, ['true'], { user: 'alice' })).rejects.toMatchObject({ code: 'ERR_TSBOX_NO_SUCH_USER' });
    expect(performance.now() - before).toBeLessThan(2_000);
    if (warning === undefined) expect(warnings).toEqual([]);
    else expect(warnings[0]).toMatch(new RegExp(`^the container's /etc/passwd is not used: .*${warning}`));
  });

  it("takes accounts of the container, not of the host or the image, and inside the container's root", async () => {
    await exec(
      box,
      'echo "mallory:x:4242:4243::/home/mallory:/bin/sh" >> /etc/passwd; ln -sf /etc/passwd.good /etc/shells',
    );
    expect(await exec(box, 'id -u; id -g; echo $HOME', { user: 'mallory' })).toMatchObject({
      stdout: '4242\n4243\n/home/mallory\n',
    });
    await exec(box, 'rm /etc/passwd; ln -s /etc/passwd.good /etc/passwd');
    expect((await exec(box, 'id -un', { user: 'alice' })).stdout).toBe('alice\n');
  });

  it.each([
    ['a file', 'touch'],
    ['a FIFO', 'mkfifo'],
    ['another device', 'mknod -m 666 /dev/pts.new c 1 5 && ln -s ../pts.new'],
    ['the device of the same numbers on another file system', 'mknod -m 666 /dev/ptmx.new c 5 2 && ln -s ../ptmx.new'],
    ['nothing', 'true'],
  ])('gives no terminal where %s is in the place of its master', async (_, command) => {
    const strange = await start({ privileged: true });
    await exec(strange, `umount /dev/pts; rm -f /dev/pts/ptmx; ${command} /dev/pts/ptmx`);
    const before = performance.now();
    await expect(exec(strange, ['true'], { tty: true })).rejects.toMatchObject({
      code: 'ERR_TSBOX_OP_FAILED',
      what: 'cannot give the command a terminal',
    });
    expect(performance.now() - before).toBeLessThan(2_000);
    expect((await exec(strange, ['true'])).status).toBe(0);
  });

  it.each(['mkfifo', 'touch', 'ln -s zero', 'true'])('is not given a /dev/null that is none (%s)', async (command) => {
    const strange = await start();
    await exec(strange, `rm /dev/null; ${command} /dev/null`);
    const before = performance.now();
    await expect(exec(strange, ['true'])).rejects.toMatchObject({ code: 'ERR_TSBOX_OP_FAILED' });
    expect(performance.now() - before).toBeLessThan(2_000);
    expect((await exec(strange, ['true'], { stdio: 'pipe' })).status).toBe(0);
  });

  it('follows links on the way to a working directory inside the container only', async () => {
    await exec(box, 'mkdir -p /srv/there; ln -sfn /srv/there /srv/link; ln -sfn /proc/1/root/tmp /srv/magic');
    expect((await exec(box, 'pwd -P', { workdir: '/srv/link' })).stdout).toBe('/srv/there\n');
    for (const workdir of ['/srv/magic', '/proc/self/fd/3', '/proc/1/cwd', '/srv/none', '/etc/passwd'])
      await expect(exec(box, ['true'], { workdir })).rejects.toMatchObject({
        code: 'ERR_TSBOX_CANNOT_EXECUTE',
        what: `cannot use the working directory ${workdir}`,
      });
  });
});
