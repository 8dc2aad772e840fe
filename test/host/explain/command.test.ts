import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { skipUnless } from '../../support/skip.js';
import { type Explained, FailureBench } from './support.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox');

describe('a command that cannot be executed is explained by its file', () => {
  const bench = new FailureBench();
  const { image } = bench;

  beforeAll(() => {
    bench.prepare();
    write('script', '#!/usr/bin/nosuch -x\n');
    write('windows', '#!/bin/sh\r\necho\r\n');
    write('text', 'echo hello\n');
    write('plain', '#!/bin/sh\n', 0o644);
    write('empty', '');
    copyFileSync('/bin/ls', join(image, 'dynamic'));
    const arm = readFileSync('/bin/busybox');
    // e_machine of elf(5): 183 is arm64.
    arm.writeUInt16LE(183, 18);
    writeFileSync(join(image, 'arm'), arm, { mode: 0o755 });
  });

  function write(name: string, text: string, mode = 0o755): void {
    writeFileSync(join(image, name), text);
    chmodSync(join(image, name), mode);
  }

  const CASES: readonly [string, string, Explained][] = [
    [
      'a script whose interpreter is missing',
      '/script',
      {
        id: 'script-interpreter-missing',
        why: /\/script is a script for \/usr\/bin\/nosuch, which is not in the image/,
        fix: /install \/usr\/bin\/nosuch in the image/,
        status: 127,
      },
    ],
    [
      'a script with a carriage return in its first line',
      '/windows',
      {
        id: 'script-carriage-return',
        why: /ends with a carriage return/,
        fix: /sed -i 's\/\\r\$\/\/' \/windows/,
        status: 127,
      },
    ],
    [
      'a dynamically linked program whose loader is missing',
      '/dynamic',
      {
        id: 'loader-missing',
        why: /\/dynamic is dynamically linked, and its loader \/lib64\/ld-linux-x86-64\.so\.2 is not in the image/,
        fix: /image from-host NAME \/dynamic/,
        status: 127,
      },
    ],
    [
      'a program for another kind of processor',
      '/arm',
      {
        id: 'wrong-architecture',
        why: /\/arm is for arm64, and this machine is x86-64/,
        fix: /take an image for x86-64/,
        status: 126,
      },
    ],
    [
      'a text without #!',
      '/text',
      {
        id: 'not-a-program',
        why: /neither an ELF file nor a script that begins with #!/,
        fix: /sh \/text/,
        status: 126,
      },
    ],
    ['an empty file', '/empty', { id: 'not-a-program', why: /\/empty is empty/, fix: /begin it with #!/, status: 126 }],
    [
      'a file without x bit',
      '/plain',
      { id: 'command-not-executable', why: /\/plain has no x bit \(its mode is 0644\)/, fix: /chmod \+x/, status: 126 },
    ],
    [
      'a directory',
      '/etc',
      { id: 'command-is-directory', why: /\/etc is a directory/, fix: /DIRECTORY\/PROGRAM/, status: 126 },
    ],
    [
      'a command that is nowhere in PATH',
      'nosuch',
      {
        id: 'command-not-found',
        why: /executable file not found in \$PATH \(\/usr\/local\/sbin:/,
        fix: /install it in the image/,
        status: 127,
      },
    ],
    [
      'a path that is not there',
      '/no/such',
      { id: 'command-not-found', why: /there is no \/no\/such in the container/, fix: /ls \/no\//, status: 127 },
    ],
  ];

  it.each(CASES)('%s', async (_, command, expected) => {
    await bench.fails(`run $IMAGE ${command}`, expected);
  });

  it('an empty PATH', async () => {
    await bench.fails('run -e PATH= $IMAGE sh', {
      id: 'path-empty',
      why: /PATH is empty in the container, so sh was looked for in its working directory only/,
      fix: /-e PATH=\/usr\/local\/sbin/,
      status: 127,
    });
  });

  it('a program that is open for writing', async () => {
    await bench.fails('cp /bin/busybox $DIR/busy; exec 9>>$DIR/busy; run -v $DIR/busy:/busy $IMAGE /busy true', {
      id: 'text-file-busy',
      why: /\/busy is open for writing on this machine/,
      fix: /fuser -v .*\/busy/,
      status: 126,
    });
  });

  it('a program with capabilities that the container lacks', async () => {
    await bench.fails(
      'cp /bin/busybox $IMAGE/capable; setcap cap_sys_admin+ep $IMAGE/capable; run $IMAGE /capable true',
      {
        id: 'file-capabilities-refused',
        why: /\/capable has file capabilities that the container was not given/,
        fix: /getcap \/capable/,
        status: 126,
      },
    );
  });

  it('an environment that is too long', async () => {
    const script =
      'printf LONG= >$DIR/env; head -c 140000 /dev/zero | tr "\\0" x >>$DIR/env; run --env-file $DIR/env $IMAGE true';
    await bench.fails(script, {
      id: 'arguments-too-long',
      why: /each single string ends at 128 KiB/,
      fix: /in a file or on stdin/,
      status: 126,
    });
  });

  it('a file of a noexec mount', async () => {
    const script =
      'mkdir $DIR/noexec; mount -t tmpfs -o noexec none $DIR/noexec; cp /bin/busybox $DIR/noexec/; run -v $DIR/noexec:/x $IMAGE /x/busybox true';
    await bench.fails(
      script,
      {
        id: 'noexec-store',
        why: /\/x\/busybox is on \/.*\/noexec, which is mounted noexec/,
        fix: /mount -o remount,exec/,
        status: 126,
      },
      { unshare: ['--mount'] },
    );
  });

  it('an image in a store that is noexec', async () => {
    const script =
      'mkdir $DIR/store; mount -t tmpfs -o noexec none $DIR/store; $NODE -- $CLI --root $DIR/store --runroot $DIR/run run --rm --network=none --storage=copy $IMAGE true';
    await bench.fails(
      script,
      { id: 'noexec-store', why: /true is on \/.*\/store, which is mounted noexec/, fix: /--root/, status: 126 },
      { unshare: ['--mount'] },
    );
  });

  it('a shared library that the loader does not find, after the command has ended with 127', async () => {
    mkdirSync(join(image, 'lib64'), { recursive: true });
    copyFileSync('/lib64/ld-linux-x86-64.so.2', join(image, 'lib64/ld-linux-x86-64.so.2'));
    const { status, stderr } = await bench.shell('run $IMAGE /dynamic');
    const first = execFileSync('readelf', ['-d', '/bin/ls'], { encoding: 'utf8' }).match(/NEEDED.*\[(.*)\]/)?.[1];
    expect(stderr).toContain(`tsbox: /dynamic needs the shared library ${first}, which is not in the image`);
    expect(stderr).toMatch(/\n {2}tsbox explain library-missing\n$/);
    expect(status).toBe(127);
  });

  it('says nothing of libraries where a shell did not find a command', async () => {
    const { status, stderr } = await bench.shell('run $IMAGE sh -c nosuch');
    expect([status, stderr]).toEqual([127, 'sh: nosuch: not found\n']);
  });

  const SETUID = 'cp /bin/busybox $IMAGE/who; chmod 4755 $IMAGE/who; ln -sf who $IMAGE/id';

  it('a set-user-ID program under no_new_privs, after it has failed', async () => {
    const { stderr, status } = await bench.shell(`${SETUID}; run -u 1000 $IMAGE /who cat /nosuch`);
    expect(stderr).toContain('tsbox: /who is set-user-ID, and no_new_privs keeps it from the rights of its owner');
    expect(stderr).toMatch(/\n {2}tsbox explain setuid-refused\n$/);
    expect(status).toBe(1);
  });

  it('a set-user-ID program in a nosuid store, after it has failed', async () => {
    const script = `${SETUID}; mkdir $DIR/nosuid; mount -t tmpfs -o nosuid none $DIR/nosuid; $NODE -- $CLI --root $DIR/nosuid --runroot $DIR/run run --rm --network=none --storage=copy --security-opt no-new-privileges=false -u 1000 $IMAGE /who cat /nosuch`;
    const { stderr, status } = await bench.shell(script, { unshare: ['--mount'] });
    expect(stderr).toMatch(
      /tsbox: \/who is set-user-ID, and on \/.*\/nosuid, which is mounted nosuid: mount -o remount,suid/,
    );
    expect(stderr).toMatch(/\n {2}tsbox explain nosuid-store\n$/);
    expect(status).toBe(1);
  });
});
