import { execFileSync } from 'node:child_process';
import { chownSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { commandLine, makeContainer, STORAGES, startContainer } from './containers.js';

const { describe, it } = skipUnless('root', 'userns', 'overlay', 'busybox');
const SCRIPT = 'echo new > /new; rm -r /home; rm -r /var; mkdir /var; echo x > /var/x; rm /etc/group; mkdir /owned';
const CHANGES = 'C /etc\nD /etc/group\nD /home\nA /new\nA /owned\nC /var\nD /var/tmp\nA /var/x\n';

describe.each(STORAGES)('containers of an ordinary user, with storage %s', (storage) => {
  const user = { uid: 4321, gid: 4321 };
  const state = tempRoot(user);
  const image = join(state.directory, 'image');
  const env = { HOME: state.directory, XDG_RUNTIME_DIR: undefined, XDG_DATA_HOME: undefined };
  const tsbox = (...args: string[]) => runCli([...state.flags, ...args], { user, env });
  const local = (name: string) => join(state.directory, name);
  beforeAll(async () => {
    busyboxImage(image);
    execFileSync('chown', ['-R', '4321:4321', image]);
    chownSync(state.directory, user.uid, user.gid);
    const made = await tsbox('run', '--network=none', '--name=mine', `--storage=${storage}`, image, 'sh', '-c', SCRIPT);
    expect(made).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('are compared', async () => {
    expect(await tsbox('diff', 'mine')).toEqual({ status: 0, stdout: CHANGES, stderr: '' });
  });

  it('are copied from and to, with root of the container as owner', async () => {
    expect(await tsbox('cp', 'mine:/new', local('new'))).toEqual({ status: 0, stdout: '', stderr: '' });
    expect([readFileSync(local('new'), 'utf8'), lstatSync(local('new')).uid]).toEqual(['new\n', 4321]);
    expect(await tsbox('cp', local('new'), 'mine:/var/again')).toEqual({ status: 0, stdout: '', stderr: '' });
    const { stdout } = await tsbox('cp', 'mine:/var', '-');
    const list = execFileSync('tar', ['-t', '-v', '--numeric-owner'], { input: stdout, encoding: 'utf8' });
    expect(list).toMatch(/^-\S+ 0\/0 .* var\/again$/m);
  });

  it('are committed and exported', async () => {
    expect(await tsbox('commit', 'mine', 'my/own')).toMatchObject({ status: 0, stderr: '' });
    const command = ['sh', '-c', 'cat /new; ls /home /etc/group'];
    expect((await tsbox('run', '--rm', '--network=none', 'my/own', ...command)).stdout).toBe('new\n');
    expect(await tsbox('export', '-o', local('all.tar'), 'mine')).toMatchObject({ status: 0, stderr: '' });
    expect(execFileSync('tar', ['-x', '-O', '-f', local('all.tar'), 'new'], { encoding: 'utf8' })).toBe('new\n');
  });
});

describe.each(STORAGES)("root's containers with ids of their own, with storage %s", (storage) => {
  const state = tempRoot();
  const tsbox = commandLine(state);
  const image = join(state.directory, 'image');
  const flags = [`--storage=${storage}`, '--userns=100000:100000:65536'];
  const local = (name: string) => join(state.directory, name);
  beforeAll(async () => {
    busyboxImage(image);
    await makeContainer(state, 'mapped', image, `${SCRIPT}; chown 5:6 /owned`, ...flags);
  });

  it('have the ids that the container knows', async () => {
    expect((await tsbox('diff', 'mapped')).stdout).toBe(CHANGES);
    expect(await tsbox('cp', '-a', 'mapped:/owned', local('owned'))).toMatchObject({ status: 0, stderr: '' });
    expect([lstatSync(local('owned')).uid, lstatSync(local('owned')).gid]).toEqual([5, 6]);
    writeFileSync(local('in'), 'in');
    chownSync(local('in'), 7, 8);
    expect(await tsbox('cp', '-a', local('in'), 'mapped:/owned')).toMatchObject({ status: 0, stderr: '' });
    expect(await tsbox('commit', 'mapped', 'my/mapped')).toMatchObject({ status: 0 });
    const look = ['stat', '-c', '%u:%g', '/owned', '/owned/in', '/new'];
    const other = '--userns=200000:200000:65536';
    const seen = await tsbox('run', '--rm', '--network=none', other, 'my/mapped', ...look);
    expect(seen).toEqual({ status: 0, stdout: '5:6\n7:8\n0:0\n', stderr: '' });
  });

  it('are read while they run, and not written to', async () => {
    mkdirSync(local('out'));
    const script = 'mkdir /o; chown 5:6 /o; echo up; sleep 600';
    const running = await startContainer(state, 'live', image, script, ...flags);
    try {
      expect(await tsbox('cp', '-a', 'live:/o', local('out'))).toMatchObject({ status: 0, stderr: '' });
      expect(lstatSync(local('out/o')).uid).toBe(5);
      const refused = await tsbox('cp', image, 'live:/');
      expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('fix: stop it') });
    } finally {
      await running.stop();
    }
  });
});
