import { describe, expect, it } from 'vitest';
import type { Launch, MountSpec, NamespaceName, Spec } from '../../../core/plugin/index.js';
import { MASKED_DIRECTORIES, MASKED_FILES, READ_ONLY_PATHS } from '../../../core/plugin/masked-paths.js';
import { encode } from '../../../core/program/encode.js';
import { recordMounts } from '../../../plugins/mounts/record.js';
import { line, lines, record, recordedLaunch } from '../../support/recording.js';

function recorded(spec: Partial<Spec> = {}, more: Partial<Launch> = {}) {
  const launch = recordedLaunch(spec, more);
  return record('childSetup', (child) => recordMounts(child, launch));
}

/** What is mounted inside, in order: the notes of the ops. */
function mounted(spec: Partial<Spec> = {}, more: Partial<Launch> = {}): string[] {
  const notes = recorded(spec, more)
    .block('inside')
    .map(({ note }) => note ?? '');
  return notes.filter((note) => note.startsWith('mount on ')).map((note) => note.slice('mount on '.length));
}

const USERNS: NamespaceName[] = ['mount', 'uts', 'ipc', 'pid', 'net', 'cgroup', 'user'];
const ID_MAP = [{ inside: 0, outside: 1000, size: 1 }];
const IN_USERNS: Partial<Launch> = { namespaces: new Set(USERNS), idMaps: { uids: ID_MAP, gids: ID_MAP } };
const PRIVILEGED = { privileged: true, capAdd: [], capDrop: [], noNewPrivileges: false };

describe('the step into the rootfs', () => {
  it('leaves nothing of the host', () => {
    expect(lines(recorded().block('enter')).slice(0, 4)).toEqual([
      'move_mount $tree  -100 /r/containers/abab/merged 4',
      'fchdir $tree',
      'pivot_root . .',
      'umount2 . 2',
    ]);
  });

  it('is refused by name when storage gave no rootfs', () => {
    const launch = recordedLaunch();
    expect(() =>
      record('childSetup', (child) => {
        delete child.shared.rootMount;
        recordMounts(child, launch);
      }),
    ).toThrow(/storage driver "overlay" recorded none/);
  });
});

describe('what is mounted', () => {
  it("comes in order: the kernel's views, /dev and what is in it, mounts by depth, generated files, what lies in /etc", () => {
    const mounts: MountSpec[] = [
      { type: 'tmpfs', target: '/etc/sub', readOnly: false, options: [] },
      { type: 'tmpfs', target: '/a/b/c', readOnly: false, options: [] },
      { type: 'bind', source: '/etc', target: '/a', readOnly: true, recursive: true },
    ];
    const found = mounted({ mounts }).filter((target) => !target.startsWith('/sys/fs/cgroup/'));
    const expected = [
      '/proc',
      '/sys',
      '/sys/fs/cgroup',
      '/dev',
      '/dev/pts',
      '/dev/shm',
      '/dev/mqueue',
      '/a',
      '/a/b/c',
      '/etc/hosts',
      '/etc/hostname',
      '/etc/resolv.conf',
      '/etc/sub',
    ];
    expect(found.filter((target) => expected.includes(target))).toEqual(
      expected.filter((target) => found.includes(target)),
    );
    expect(found).toEqual(expect.arrayContaining(['/proc', '/sys', '/dev', '/dev/pts', '/a', '/a/b/c', '/etc/hosts']));
  });

  it('does not replace a file that was mounted by name', () => {
    const mounts: MountSpec[] = [
      { type: 'bind', source: '/etc/passwd', target: '/etc/hosts', readOnly: false, recursive: true },
    ];
    expect(mounted({ mounts }).filter((target) => target === '/etc/hosts')).toHaveLength(1);
  });

  it('refuses links only in the place of /proc, /sys and /dev', () => {
    const opens = recorded()
      .block('inside')
      .filter(({ name, goto }) => name === 'openat2' && goto);
    const refusing = opens.filter(({ args }) => (Buffer.from(args[2] as Uint8Array).readBigUInt64LE(16) & 0x4n) !== 0n);
    expect([...new Set(refusing.map(({ args }) => args[1]))]).toEqual(['/proc', '/sys', '/dev']);
    expect(opens.every(({ args }) => (Buffer.from(args[2] as Uint8Array).readBigUInt64LE(16) & 0x12n) === 0x12n)).toBe(
      true,
    );
  });

  it('never opens a path of the host inside, or of the container outside', () => {
    const program = recorded({
      mounts: [{ type: 'bind', source: '/etc', target: '/data', readOnly: false, recursive: true }],
    });
    const paths = (block: 'outside' | 'inside') =>
      program
        .block(block)
        .filter(({ args }) => args[0] === -100)
        .map(({ args }) => args[1]);
    expect(paths('inside')).toEqual([]);
    expect(paths('outside')).not.toContain('/data');
  });
});

describe('/dev', () => {
  it('has nodes made by mknod, and all of it before it is attached', () => {
    const made = lines(recorded().block('outside')).filter((text) => text.startsWith('mknodat'));
    expect(made.map((text) => text.split(' ').slice(2).join(' '))).toEqual([
      `null ${0o20666} 259`,
      `zero ${0o20666} 261`,
      `full ${0o20666} 263`,
      `random ${0o20666} 264`,
      `urandom ${0o20666} 265`,
      `tty ${0o20666} 1280`,
    ]);
    expect(
      recorded()
        .block('inside')
        .some(({ name, args }) => name === 'mknodat' && args[1] === 'null'),
    ).toBe(false);
  });

  it("has checked binds of the host's in a user namespace, and no gid that is not mapped", () => {
    const outside = recorded({}, IN_USERNS).block('outside');
    expect(
      outside.filter(({ name, args }) => name === 'open_tree' && String(args[1]).startsWith('/dev/')),
    ).toHaveLength(6);
    expect(outside.filter(({ name }) => name === 'expect')).toHaveLength(6);
    expect(lines(outside).some((text) => text.includes(' gid '))).toBe(false);
    expect(lines(recorded().block('outside'))).toContain('fsconfig $fs:devpts 1 gid 5 0');
  });

  it('has a terminal only with --tty: its master goes to the engine over descriptor 5', () => {
    const { outside, inside } = {
      outside: lines(recorded({ tty: true }).block('outside')),
      inside: mounted({ tty: true }),
    };
    expect(outside).toEqual(expect.arrayContaining(['ioctl $master 21569 524546', 'sendmsg 5 <msghdr> 0', 'close 5']));
    expect(inside).toContain('/dev/console');
    expect(lines(recorded().block('outside')).some((text) => text.includes('ptmx ') && text.startsWith('openat'))).toBe(
      false,
    );
  });
});

describe('masks', () => {
  function covered(spec: Partial<Spec> = {}, more: Partial<Launch> = {}): string[] {
    const notes = recorded(spec, more)
      .block('inside')
      .map(({ note }) => note ?? '');
    return notes.filter((note) => note.startsWith('over ')).map((note) => note.slice('over '.length));
  }

  it('cover everything that they should, after all mounts', () => {
    expect(covered()).toEqual(expect.arrayContaining([...MASKED_FILES, ...MASKED_DIRECTORIES, ...READ_ONLY_PATHS]));
    const notes = recorded({ mounts: [{ type: 'tmpfs', target: '/sys', readOnly: false, options: [] }] })
      .block('inside')
      .map(({ note }) => note ?? '');
    expect(notes.findIndex((note) => note.startsWith('over '))).toBeGreaterThan(
      notes.findLastIndex((note) => note.startsWith('mount on ')),
    );
  });

  it('jump over what is missing, and over nothing else', () => {
    const opens = recorded()
      .block('inside')
      .filter(({ tolerate, goto }) => tolerate && !goto);
    const places = opens.filter(({ name }) => name === 'openat2');
    expect(places).toHaveLength(covered().length);
    for (const { tolerate } of places) expect(tolerate?.errnos).toEqual(['ENOENT']);
  });

  it('are left out with --privileged, where /sys is writable', () => {
    expect(covered({ security: PRIVILEGED })).toEqual([]);
    const attributes = (spec: Partial<Spec>) =>
      recorded(spec)
        .block('outside')
        .find((op) => line(op).startsWith('fsmount $fs:sysfs'))?.args[2];
    expect([attributes({}), attributes({ security: PRIVILEGED })]).toEqual([0xf, 0xe]);
  });
});

describe('--read-only', () => {
  it('makes every place first, then the root and what storage mounted in it read-only, then mounts', () => {
    const mounts: MountSpec[] = [{ type: 'tmpfs', target: '/data', readOnly: false, options: [] }];
    const inside = recorded({ readOnly: true, mounts }).block('inside');
    const setattr = inside.findIndex(({ name, args }) => name === 'mount_setattr' && String(args[0]) === '$rootfs');
    const made = inside
      .slice(0, setattr)
      .map(({ note }) => note)
      .filter((note) => note?.startsWith('make'));
    expect(made).toEqual(
      expect.arrayContaining(['make /proc', 'make /sys', 'make /dev', 'make /data', 'make /etc/hosts']),
    );
    expect(inside.findIndex(({ note }) => note?.startsWith('mount on'))).toBeGreaterThan(setattr);
    expect(Number(inside[setattr]?.args[2]) & 0x8000).toBe(0x8000);
  });

  it('is not there without it', () => {
    expect(lines(recorded().block('inside')).some((text) => text.startsWith('mount_setattr $rootfs'))).toBe(false);
  });
});

it('the whole is a program on both architectures', () => {
  for (const arch of ['x64', 'arm64'] as const)
    expect(encode(recorded({ tty: true, readOnly: true }), arch).ops.length).toBeGreaterThan(100);
});
