import { describe, expect, it } from 'vitest';
import { parseMountinfo } from '../../../core/plugin/overlay/host-mounts.js';
import {
  composedView,
  type HostEntry,
  type HostTree,
  isShown,
  wholeView,
} from '../../../core/plugin/overlay/host-view.js';

const folder = (name: string, readable = true): HostEntry => ({ name, type: 'directory', readable });
const file = (name: string, readable = true): HostEntry => ({ name, type: 'file', readable });
const link = (name: string, to: string): HostEntry => ({ name, type: 'symlink', readable: true, to });

function treeOf(mounts: Record<string, string>, entries: Record<string, HostEntry[]>): HostTree {
  return {
    mounts: () => Object.entries(mounts).map(([path, type]) => ({ path, type })),
    entries: (path) => entries[path] ?? [],
  };
}

const summary = (parts: readonly { kind: string; path: string }[]) => parts.map(({ kind, path }) => `${kind} ${path}`);

describe('the whole view', () => {
  const entries = {
    '/': ['boot', 'home', 'opt', 'mnt', 'proc', 'data', 'tmp'].map((name) => folder(name)),
    '/boot': [folder('efi')],
    '/etc': [file('hosts')],
    '/opt': [link('moved', '/data')],
  };

  it('has an overlay for each real file system', () => {
    const mounts = { '/': 'ext4', '/boot': 'ext4', '/home': 'nfs4', '/proc': 'proc', '/data': 'btrfs' };
    expect(summary(wholeView(treeOf(mounts, entries)))).toEqual([
      'overlay /',
      'overlay /boot',
      'overlay /home',
      'overlay /data',
    ]);
  });

  it('binds what overlay refuses, and single files', () => {
    const mounts = { '/': 'ext4', '/boot/efi': 'vfat', '/etc/hosts': 'ext4' };
    expect(summary(wholeView(treeOf(mounts, entries)))).toEqual(['overlay /', 'bind /boot/efi', 'bind /etc/hosts']);
  });

  it('leaves out pseudo file systems, foreign media, what is fresh and what is gone', () => {
    const mounts = {
      '/': 'ext4',
      '/proc/fs/nfsd': 'nfsd',
      '/tmp': 'ext4',
      '/mnt/disk': 'ext4',
      '/opt/moved': 'ext4',
      '/gone': 'ext4',
      '/data': 'tracefs',
    };
    expect(summary(wholeView(treeOf(mounts, entries)))).toEqual(['overlay /']);
  });
});

describe('the composed view', () => {
  it('has an overlay for each top-level directory, and links as they are', () => {
    const tree = treeOf(
      { '/': 'ext4', '/proc': 'proc' },
      {
        '/': [
          folder('usr'),
          link('bin', 'usr/bin'),
          folder('proc'),
          folder('tmp'),
          file('vmlinuz'),
          file('swap', false),
        ],
      },
    );
    expect(summary(composedView(tree))).toEqual([
      'overlay /usr',
      'symlink /bin',
      'directory /proc',
      'directory /tmp',
      'bind /vmlinuz',
    ]);
  });

  it('shows a directory that the caller may not read as an empty one', () => {
    expect(summary(composedView(treeOf({ '/': 'ext4' }, { '/': [folder('root', false)] })))).toEqual([
      'directory /root',
    ]);
  });

  it('composes a directory with mounts below it, whatever they are', () => {
    const mounts = { '/': 'ext4', '/var/lib/cache': 'tmpfs', '/var/log': 'ext4' };
    const tree = treeOf(mounts, {
      '/': [folder('var')],
      '/var': [folder('lib'), folder('log'), file('note')],
      '/var/lib': [folder('cache'), folder('dpkg')],
    });
    expect(summary(composedView(tree))).toEqual([
      'directory /var',
      'directory /var/lib',
      'directory /var/lib/cache',
      'overlay /var/lib/dpkg',
      'overlay /var/log',
      'bind /var/note',
    ]);
  });

  it('binds a directory with mounts below it that has too many entries', () => {
    const many = Array.from({ length: 300 }, (_, index) => folder(`d${index}`));
    expect(
      summary(composedView(treeOf({ '/': 'ext4', '/srv/d1': 'ext4' }, { '/': [folder('srv')], '/srv': many }))),
    ).toEqual(['bind /srv']);
  });
});

describe('isShown', () => {
  it('knows what a view hides', () => {
    expect(
      ['/run/tsbox', '/tmp/x', '/var/lib/tsbox', '/mnt/tsbox', '/runner'].map((path) => isShown(path, false)),
    ).toEqual([false, false, true, true, true]);
    expect(isShown('/mnt/tsbox', true)).toBe(false);
  });
});

describe('mountinfo', () => {
  it('gives paths, unescaped, and types, the last of several on one path', () => {
    const text = [
      '22 27 0:21 / /proc rw,relatime - proc proc rw',
      '27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw',
      '31 27 8:1 /sub /my\\040disk\\134 rw - ext4 /dev/sda1 rw',
      '32 27 8:2 / /my\\040disk\\134 rw - xfs /dev/sda2 rw',
      '',
    ].join('\n');
    expect(parseMountinfo(text)).toEqual([
      { path: '/', type: 'ext4' },
      { path: '/my disk\\', type: 'xfs' },
      { path: '/proc', type: 'proc' },
    ]);
  });
});
