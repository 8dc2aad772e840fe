import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { beforeAll, expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { mountSession } from '../../support/mount-session.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay');
const base = tempRoot();
const image = `${base.directory}/image`;
beforeAll(() => void busyboxImage(image));

const RUN = `run --network=none`;
const SHOW = `tsbox ps -a --format '{{.Names}} {{.State}} {{.Status}}'`;

describe('a runroot', () => {
  it('that is full refuses a launch and names the file; with room it works again', async () => {
    const { stdout, stderr } = await mountSession(
      tempRoot(),
      `mount -t tmpfs -o size=64k,nr_inodes=40 full $RUN
      tsbox ${RUN} --name other ${image} true; status
      dd if=/dev/zero of=$RUN/filler bs=4k 2>/dev/null
      tsbox ${RUN} ${image} true; status
      ${SHOW}
      tsbox rm other; status
      rm $RUN/filler
      tsbox ${RUN} --rm ${image} echo again; status
      ls -A $RUN/journal`,
    );
    expect(stdout).toMatch(/^status 0\nstatus 125\nother exited .*\nother\nstatus 0\nagain\nstatus 0\n$/);
    expect(stderr).toMatch(/^tsbox: cannot write [^\n]*\/run\/journal\/[0-9a-f]{64}\.jsonl: no space is left/);
  });

  it('that gets full while a container runs still lets it end and be taken back', async () => {
    const { stdout, stderr } = await mountSession(
      tempRoot(),
      `mount -t tmpfs -o size=64k full $RUN
      tsbox ${RUN} --name one -v $RUN:/run/host ${image} sh -c 'dd if=/dev/zero of=/run/host/filler bs=1k 2>/dev/null; exit 4'
      status
      ls -A $RUN/journal
      rm $RUN/filler
      ${SHOW}
      tsbox rm one`,
    );
    expect(stdout).toMatch(/^status 4\none exited Exited \(4\) .*\none\n$/);
    expect(stderr).toBe('');
  });

  it('that is read-only is an error that names it, and ps works all the same', async () => {
    const { stdout, stderr } = await mountSession(
      tempRoot(),
      `mount -t tmpfs run $RUN
      tsbox ${RUN} --name other ${image} true; status
      mount -o remount,ro $RUN
      tsbox ${RUN} ${image} true; status
      ${SHOW}
      mount -o remount,rw $RUN
      tsbox ${RUN} --rm ${image} echo again; status`,
    );
    expect(stdout).toMatch(/^status 0\nstatus 125\nother exited .*\nagain\nstatus 0\n$/);
    expect(stderr).toMatch(
      /^tsbox: cannot write [^\n]*\/run\/journal\/[^\n]*: its file system is read-only\n {2}fix: /,
    );
  });

  it('that is a file is an error that names it', async () => {
    const state = tempRoot();
    const file = `${state.directory}/file`;
    writeFileSync(file, '');
    const ran = await runCli([`--root=${state.root}`, `--runroot=${file}`, ...RUN.split(' '), image, 'true']);
    expect(ran.status).toBe(125);
    expect(ran.stderr).toMatch(
      new RegExp(`^tsbox: cannot [^\\n]*${file}[^\\n]*: a part of the path is no directory\n`),
    );
  });
});

describe('a root', () => {
  it('that is read-only is an error that names it; containers are listed, and start again later', async () => {
    const { stdout, stderr } = await mountSession(
      tempRoot(),
      `mount -t tmpfs root $ROOT
      tsbox ${RUN} --name other ${image} true; status
      mount -o remount,ro $ROOT
      tsbox ${RUN} --name more ${image} true; status
      ${SHOW}
      tsbox rm other; status
      mount -o remount,rw $ROOT
      tsbox start -a other; status
      tsbox rm other; status
      ls -A $ROOT/containers $ROOT/names $RUN/journal`,
    );
    expect(stdout).toMatch(
      /^status 0\nstatus 125\nother exited .*\nstatus 1\nstatus 0\nother\nstatus 0\n[^\n]*containers:\n\n[^\n]*names:\n\n[^\n]*journal:\n$/,
    );
    expect(stderr).toMatch(/^tsbox: [^\n]*: its file system is read-only\n {2}fix: /);
  });

  it('that is a file is an error that names it', async () => {
    const state = tempRoot();
    const file = `${state.directory}/file`;
    writeFileSync(file, '');
    const ran = await runCli([`--root=${file}`, `--runroot=${state.runroot}`, ...RUN.split(' '), image, 'true']);
    expect(ran.status).toBe(125);
    expect(ran.stderr).toMatch(
      new RegExp(`^tsbox: cannot [^\\n]*${file}[^\\n]*: a part of the path is no directory\n`),
    );
    expect(existsSync(`${state.runroot}/journal`) ? readdirSync(`${state.runroot}/journal`) : []).toEqual([]);
  });
});
