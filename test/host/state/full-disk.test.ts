import { beforeAll, expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { mountSession } from '../../support/mount-session.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay');
const base = tempRoot();
const image = `${base.directory}/image`;
beforeAll(() => void busyboxImage(image));

const RUN = `run --network=none`;
const SHOW = `tsbox ps -a --format '{{.Names}} {{.State}} {{.Status}}'`;
/** Until the file system takes nothing more. */
const FILL = 'dd if=/dev/zero of=/filler bs=4k 2>/dev/null; dd if=/dev/zero of=/filler2 bs=1 2>/dev/null';

describe('a full disk below the root', () => {
  it('refuses a launch, naming the file and what helps, and hides no container', async () => {
    const { stdout, stderr } = await mountSession(
      tempRoot(),
      `mount -t tmpfs -o size=1m full $ROOT
      tsbox ${RUN} --name other ${image} true; status
      dd if=/dev/zero of=$ROOT/filler bs=4k 2>/dev/null
      tsbox ${RUN} --name more ${image} true; status
      ${SHOW}
      tsbox rm other; status
      rm $ROOT/filler
      tsbox ${RUN} --rm --name more ${image} echo again; status
      ls -A $ROOT/containers $ROOT/names $RUN/journal`,
    );
    expect(stdout).toMatch(
      /^status 0\nstatus 125\nother exited Exited \(0\).* ago\nother\nstatus 0\nagain\nstatus 0\n[^\n]*containers:\n\n[^\n]*names:\n\n[^\n]*journal:\n$/,
    );
    expect(stderr).toMatch(/^tsbox: [^\n]*: no space is left on its file system\n {2}fix: [^\n]*tsbox system prune/);
    expect(stderr.split('\n').filter((line) => line.startsWith('tsbox:'))).toHaveLength(1);
  });

  it('keeps the end of a container that filled it', async () => {
    const { stdout, stderr } = await mountSession(
      tempRoot(),
      `mount -t tmpfs -o size=1m full $ROOT
      tsbox ${RUN} --name hog ${image} sh -c 'sleep 1; ${FILL}; exit 3'; status
      ${SHOW}
      tsbox rm hog; status
      tsbox ${RUN} --rm ${image} echo again; status`,
    );
    expect(stdout).toMatch(/^status 3\nhog exited Exited \(3\).* ago\nhog\nstatus 0\nagain\nstatus 0\n$/);
    expect(stderr).toBe('');
  });

  it('is the same where no inode is left', async () => {
    const { stdout, stderr } = await mountSession(
      tempRoot(),
      `mount -t tmpfs -o nr_inodes=64 full $ROOT
      tsbox ${RUN} --name hog ${image} sh -c 'i=0; while touch /f$i 2>/dev/null; do i=$((i+1)); done; exit 3'; status
      tsbox ${RUN} ${image} true; status
      ${SHOW}
      tsbox rm hog; status
      tsbox ${RUN} --rm ${image} echo again; status`,
    );
    expect(stdout).toMatch(/^status 3\nstatus 125\nhog exited Exited \(3\).* ago\nhog\nstatus 0\nagain\nstatus 0\n$/);
    expect(stderr).toMatch(/^tsbox: [^\n]*: no inode is left on its file system\n {2}fix: /);
  });

  it('leaves no part of a volume, and the volume that is there as it was', async () => {
    const { stdout, stderr } = await mountSession(
      tempRoot(),
      `mount -t tmpfs -o size=1m full $ROOT
      tsbox volume create kept
      tsbox ${RUN} --rm -v kept:/data ${image} sh -c 'echo mine > /data/file'; status
      tsbox ${RUN} --rm -v big:/bin ${image} true; status
      tsbox volume ls -q
      cat $ROOT/volumes/kept/data/file
      dd if=/dev/zero of=$ROOT/filler bs=4k 2>/dev/null
      tsbox volume create third; status
      ls -A $ROOT/volumes`,
    );
    expect(stdout).toBe('kept\nstatus 0\nstatus 125\nkept\nmine\nstatus 1\nkept\n');
    expect(stderr).toContain('cannot fill volume big with /bin/busybox of the image: no space is left');
  });
});
