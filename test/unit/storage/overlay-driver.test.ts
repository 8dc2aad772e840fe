import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Host, Launch, NamespaceName, OverlayRootfsOptions, ResolvedImage } from '../../../core/plugin/index.js';
import { ChildProgram, TsboxError } from '../../../core/plugin/index.js';
import type { HostEntry, HostTree } from '../../../core/plugin/overlay/host-view.js';
import { Program } from '../../../core/program/program.js';
import { OverlayDriver } from '../../../plugins/storage-overlay/overlay-driver.js';

const directory = mkdtempSync(join(tmpdir(), 'overlay-unit-'));
afterAll(() => rmSync(directory, { recursive: true }));

const NEW: Host = { uid: 0, gid: 0, privileged: true, kernel: [6, 8] };
const OLD: Host = { ...NEW, kernel: [6, 1] };

function launchOf(layers: readonly string[], more: Partial<Launch> = {}): Launch {
  const image = { reference: 'test', layers, host: false } as unknown as ResolvedImage;
  const container = join(directory, 'containers/c');
  const launch = {
    image,
    spec: { remove: false },
    rootfs: join(container, 'merged'),
    namespaces: new Set<NamespaceName>(['mount']),
    trees: new Set<string>(),
    paths: { root: directory, runroot: '/run/tsbox', container },
    host: NEW,
    ...more,
  };
  return launch as unknown as Launch;
}

/** The recorded calls of a block, one a line, with descriptors by name. */
function record(host: Host, launch: Launch, options: OverlayRootfsOptions = {}) {
  const program = new Program();
  const child = new ChildProgram(
    { program, arch: 'x64', procMountable: true },
    { plugin: 'storage-overlay', hook: 'childSetup' },
  );
  new OverlayDriver(host, launch.paths, options).record(child, launch);
  const text = (block: 'outside' | 'inside') =>
    program.block(block).map((op) => `${op.name} ${op.args.map(String).join(' ')}`);
  return { outside: text('outside'), inside: text('inside'), rootMount: child.shared.rootMount };
}

const values = (ops: string[], key: string) => ops.flatMap((op) => op.split(` ${key} `)[1]?.replace(/ 0$/, '') ?? []);

describe('the recorded overlay', () => {
  it('appends layers topmost first from Linux 6.8', () => {
    const { outside, rootMount } = record(NEW, launchOf(['/low', '/middle', '/top']));
    expect(values(outside, 'lowerdir+')).toEqual(['/top', '/middle', '/low']);
    expect(values(outside, 'upperdir')).toEqual([join(directory, 'containers/c/upper')]);
    expect(values(outside, 'workdir')).toEqual([join(directory, 'containers/c/work')]);
    expect(rootMount).toBeDefined();
  });

  it('is volatile where the container goes with its end, and only there', () => {
    for (const host of [NEW, OLD]) {
      const isVolatile = (remove: boolean) => {
        const spec = { remove } as Launch['spec'];
        return /fsconfig .* volatile |mount overlay .*volatile,/.test(
          record(host, launchOf(['/a'], { spec })).outside.join('\n'),
        );
      };
      expect([isVolatile(true), isVolatile(false)]).toEqual([true, false]);
    }
  });

  it('names layers by descriptor, topmost first, before Linux 6.8', () => {
    const { outside } = record(OLD, launchOf(['/low', '/a:b,c\\d', '/top']));
    expect(outside.filter((op) => op.startsWith('openat')).map((op) => op.split(' ')[2])).toEqual([
      join(directory, 'containers/c/upper'),
      join(directory, 'containers/c/work'),
      '/top',
      '/a:b,c\\d',
      '/low',
    ]);
    const mount = outside.find((op) => op.startsWith('mount '));
    expect(mount).toContain('upperdir=200,workdir=201,lowerdir=202:203:204');
    expect(mount).not.toContain('/top');
  });

  it('names layers by descriptor when a path is longer than fsconfig takes', () => {
    const { outside } = record(NEW, launchOf([`/${'x'.repeat(255)}`]));
    expect(outside.some((op) => op.startsWith('mount '))).toBe(true);
    expect(record(NEW, launchOf([`/${'x'.repeat(254)}`])).outside.some((op) => op.startsWith('mount '))).toBe(false);
  });

  it('keeps the options of 500 layers within one page', () => {
    const layers = Array.from({ length: 500 }, (_, index) => `/layer/${index}`);
    const data =
      record(OLD, launchOf(layers))
        .outside.find((op) => op.startsWith('mount '))
        ?.split(' ')
        .at(-1) ?? '';
    expect(data.split(':')).toHaveLength(500);
    expect(data.length).toBeLessThan(4096);
  });

  it.each([NEW, OLD])('keeps marks in user.* in a user namespace', (host) => {
    const marked = (names: NamespaceName[]) =>
      record(host, launchOf(['/a'], { namespaces: new Set(names) }))
        .outside.join('\n')
        .includes('userxattr');
    expect([marked(['mount']), marked(['mount', 'user'])]).toEqual([false, true]);
  });

  it('doubles backslashes where overlay takes one away', () => {
    const paths = { root: directory, runroot: '/run/tsbox', container: '/st\\ore' };
    const { outside } = record(NEW, launchOf(['/la\\yer'], { paths }));
    expect(values(outside, 'upperdir')).toEqual(['/st\\\\ore/upper']);
    expect(values(outside, 'lowerdir+')).toEqual(['/la\\yer']);
  });
});

describe('validation', () => {
  const refusal = (layers: number): unknown => {
    try {
      const image = launchOf(Array.from({ length: layers }, (_, index) => `/${index}`));
      new OverlayDriver(NEW, image.paths).validate(image);
      return undefined;
    } catch (error) {
      return error;
    }
  };

  it('refuses more layers than the kernel takes', () => {
    expect(refusal(500)).toBeUndefined();
    expect(refusal(501)).toBeInstanceOf(TsboxError);
    expect(refusal(501)).toMatchObject({ code: 'ERR_TSBOX_IMAGE_INVALID', message: expect.stringContaining('501') });
  });

  it('says which kernel an ordinary user needs', () => {
    const support = new OverlayDriver(
      { uid: 1000, gid: 1000, privileged: false, kernel: [5, 10] },
      { root: directory, runroot: directory },
    ).check();
    expect(support).toMatchObject({ works: false, reason: expect.stringContaining('5.11') });
  });
});

describe('the host image', () => {
  const folder = (name: string, readable = true): HostEntry => ({ name, type: 'directory', readable });
  const tree: HostTree = {
    mounts: () =>
      [
        ['/', 'ext4'],
        ['/home', 'xfs'],
        ['/proc', 'proc'],
      ].map(([path = '', type = '']) => ({ path, type })),
    entries: (path) =>
      path === '/'
        ? [
            folder('home'),
            folder('proc'),
            folder('usr'),
            folder('root', false),
            { name: 'bin', type: 'symlink', readable: true, to: 'usr/bin' },
          ]
        : [],
  };
  const image = { reference: 'host', layers: ['/'], host: true } as unknown as ResolvedImage;
  const paths = { root: '/var/lib/tsbox', runroot: '/run/tsbox', container: '/var/lib/tsbox/containers/c' };
  const attached = (inside: string[]) =>
    inside.filter((op) => op.startsWith('move_mount')).map((op) => /at:(\S+)/.exec(op)?.[1]);

  it('is one overlay for each real file system, fresh /run and /tmp, and no view of the state', () => {
    const { outside, inside } = record(NEW, launchOf([], { image, paths }), { hostTree: () => tree });
    expect(values(outside, 'lowerdir+')).toEqual(['/', '/home']);
    expect(attached(inside)).toEqual(['/home', '/run', '/tmp', '/var/lib/tsbox']);
  });

  it('is composed of its top-level directories in a user namespace', () => {
    const namespaces = new Set<NamespaceName>(['mount', 'user']);
    const { outside, inside } = record(NEW, launchOf([], { image, paths, namespaces }), { hostTree: () => tree });
    expect(values(outside, 'lowerdir+')).toEqual(['/home', '/usr']);
    expect(attached(inside)).toEqual(['/home', '/usr', '/run', '/tmp', '/var/lib/tsbox']);
    expect(inside.some((op) => op.startsWith('symlinkat usr/bin'))).toBe(true);
    expect(outside.some((op) => op.startsWith('open_tree') && op.includes('/view'))).toBe(true);
  });

  it('is one overlay where the engine hands over trees with mapped owners', () => {
    const more = {
      image,
      paths,
      namespaces: new Set<NamespaceName>(['user']),
      idMaps: { uids: [], gids: [], idmapped: true as const },
    };
    expect(values(record(NEW, launchOf([], more), { hostTree: () => tree }).outside, 'lowerdir+')).toEqual([
      '/',
      '/home',
    ]);
  });
});
