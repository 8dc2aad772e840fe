import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, readdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { removeTree } from '../../../core/state/remove-tree.js';
import { TreeCopier } from '../../../plugins/storage-copy/tree-copier.js';
import { gate, host } from '../../contract/storage-bench.js';
import { makeRichTree, manifestOf } from '../../contract/storage-fixtures.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'attr');
const FSCONFIG_SET_STRING = 1;
const FSCONFIG_CMD_CREATE = 6;

/** A file system that is mounted nowhere: it is gone when its descriptor is closed. */
function detached(type: string, options: Record<string, string>): number {
  const context = gate.call('fsopen', type, 1);
  for (const [key, value] of Object.entries(options))
    gate.call('fsconfig', context, FSCONFIG_SET_STRING, key, value, 0);
  gate.call('fsconfig', context, FSCONFIG_CMD_CREATE, null, null, 0);
  const mount = gate.call('fsmount', context, 1, 0);
  closeSync(context);
  return mount;
}

describe('a copy', () => {
  const base = tempDirectory();
  const cleanup: (() => void)[] = [];
  afterEach(() => {
    for (const undo of cleanup.splice(0).reverse()) undo();
  });
  const make = (name: string) => {
    mkdirSync(join(base, name), { recursive: true });
    return join(base, name);
  };

  it('that finds no room names the file, and what is there can be removed', async () => {
    const source = make('large');
    mkdirSync(join(source, 'sub'));
    writeFileSync(join(source, 'sub/first'), Buffer.alloc(100_000, 1));
    writeFileSync(join(source, 'sub/second'), Buffer.alloc(2_000_000, 1));
    const mount = detached('tmpfs', { size: '1m' });
    cleanup.push(() => closeSync(mount));
    const target = `/proc/self/fd/${mount}/rootfs`;
    mkdirSync(target);
    await expect(new TreeCopier(gate, host).copy({ layers: [source], target })).rejects.toMatchObject({
      message: expect.stringMatching(/cannot copy \/sub\/second of the image: .*ENOSPC/),
      fixes: [expect.stringContaining('make room')],
    });
    await removeTree(target, gate);
    expect(readdirSync(`/proc/self/fd/${mount}`)).toEqual([]);
  });

  it.each(['btrfs', 'xfs'])('on %s shares the blocks of files', async (type) => {
    const disk = join(base, `${type}.img`);
    execFileSync('truncate', ['-s', '400M', disk]);
    execFileSync(`mkfs.${type}`, ['-q', disk]);
    const loop = execFileSync('losetup', ['--find', '--show', disk], { encoding: 'utf8' }).trim();
    cleanup.push(() => execFileSync('losetup', ['--detach', loop]));
    const mount = detached(type, { source: loop });
    cleanup.push(() => closeSync(mount));
    const [source, target] = ['source', 'target'].map((name) => `/proc/self/fd/${mount}/${name}`) as [string, string];
    for (const path of [source, target]) mkdirSync(path);
    writeFileSync(join(source, 'large'), Buffer.alloc(60_000_000, 'reflink'));
    const free = () => {
      execFileSync('sync', ['--file-system', source.replace('self', String(process.pid))]);
      const { bavail, bsize } = statfsSync(source);
      return bavail * bsize;
    };
    const before = free();
    // A mount that is in no tree cannot be cloned before 6.15; what a kernel of 5.17 would do is as good here.
    await new TreeCopier(gate, { ...host, kernel: [5, 17] }).copy({ layers: [source], target });
    expect(before - free()).toBeLessThan(10_000_000);
    expect(readFileSync(join(target, 'large')).equals(readFileSync(join(source, 'large')))).toBe(true);
  });

  it('has nothing of what is mounted inside a layer, but what is below', async () => {
    const source = make('mounted');
    mkdirSync(join(source, 'point'));
    writeFileSync(join(source, 'point/covered'), '');
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', join(source, 'point')]);
    cleanup.push(() => execFileSync('umount', [join(source, 'point')]));
    writeFileSync(join(source, 'point/mounted'), '');
    const target = make('mounted-copy');
    await new TreeCopier(gate, host).copy({ layers: [source], target });
    expect(readdirSync(join(target, 'point'))).toEqual(['covered']);
    const older = make('mounted-copy-older');
    await new TreeCopier(gate, { ...host, kernel: [5, 17] }).copy({ layers: [source], target: older });
    expect(readdirSync(join(older, 'point'))).toEqual([]);
  });

  it('of a copy is as good as the first', async () => {
    const source = makeRichTree(make('rich'));
    const targets = [make('first'), make('second')] as const;
    await new TreeCopier(gate, host).copy({ layers: [source], target: targets[0] });
    await new TreeCopier(gate, host).copy({ layers: [targets[0]], target: targets[1] });
    expect(manifestOf(targets[1])).toBe(manifestOf(source));
  });
});

describe('an ordinary user', () => {
  const base = tempDirectory({ uid: 65_534, gid: 65_534 });
  const user = { uid: 65_534, gid: 65_534, privileged: false, kernel: host.kernel };
  /** This file has a process of its own, and root is what it is again at the end. */
  const asUser = async (work: () => Promise<void>) => {
    process.setegid?.(user.gid);
    process.seteuid?.(user.uid);
    try {
      await work();
    } finally {
      process.seteuid?.(0);
      process.setegid?.(0);
      // A change of ids clears it: prctl(2), PR_SET_DUMPABLE.
      gate.call('prctl', 4, 1, 0, 0, 0);
    }
  };
  const layerOf = (name: string, script: string) => {
    const layer = join(base, name);
    mkdirSync(layer);
    mkdirSync(`${layer}-copy`);
    execFileSync('bash', ['--norc', '-euc', script], { cwd: layer });
    execFileSync('chown', ['nobody', `${layer}-copy`]);
    return { layers: [layer], target: `${layer}-copy` };
  };

  it('owns a copy, without what only root may give', async () => {
    const request = layerOf(
      'owned',
      'echo x > file; chmod 444 file; chown 5:5 file; setfattr -n user.a -v b file; setfattr -n security.capability -v 0x0100000200200000000000000000000000000000 file',
    );
    const copier = new TreeCopier(gate, user);
    await asUser(() => copier.copy(request));
    const seen = execFileSync('sh', ['-c', 'stat -c %u:%g file; getfattr -d -m - file | grep ='], {
      cwd: request.target,
      encoding: 'utf8',
    });
    expect(seen).toBe('65534:65534\nuser.a="b"\n');
    expect([...copier.lostXattrs]).toEqual([['security', 1]]);
  });

  it('is told which device cannot be made', async () => {
    const request = layerOf('device', 'mkdir dev; mknod dev/null c 1 3');
    await expect(asUser(() => new TreeCopier(gate, user).copy(request))).rejects.toMatchObject({
      what: 'cannot copy /dev/null of the image',
      fixes: [expect.stringContaining('run tsbox as root')],
    });
  });

  it('has whiteouts and opaque directories in user.* obeyed', async () => {
    const lower = layerOf('lower', 'mkdir opaque; echo x > opaque/hidden; echo x > gone; echo x > kept');
    const upper = layerOf('upper', 'mkdir opaque; setfattr -n user.overlay.opaque -v y opaque; mknod gone c 0 0');
    await asUser(() => new TreeCopier(gate, user).copy({ ...upper, layers: [...lower.layers, ...upper.layers] }));
    expect(
      execFileSync('find', ['.', '-mindepth', '1'], { cwd: upper.target, encoding: 'utf8' }).trim().split('\n').sort(),
    ).toEqual(['./kept', './opaque']);
  });

  it('is told which file cannot be read', async () => {
    const request = layerOf('unreadable', 'echo x > secret; chmod 600 secret');
    await expect(asUser(() => new TreeCopier(gate, user).copy(request))).rejects.toMatchObject({
      what: 'cannot copy /secret of the image',
      fixes: ['make the file readable, or run tsbox as root'],
    });
  });
});
