import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LayerView } from '../../../core/image/layer-view.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { skipUnless } from '../../support/skip.js';

/** Three layers, lowest first; overlayfs itself says what the merged view is. */
const LAYERS = [
  `mkdir -p etc usr/lib a/b hidden opaque dir; echo low > etc/passwd; echo low > etc/group; echo lib > usr/lib/os
   ln -s ../usr/lib/os etc/os; ln -s /usr/lib etc/lib; echo b > a/b/file; echo x > hidden/x; echo x > opaque/x
   echo f > dir/f; echo gone > gone; ln -s loop2 loop1; ln -s loop1 loop2; ln -s moved/os across; echo file > shape; mkdir -p turned; echo t > turned/t`,
  `mkdir -p etc moved usr/lib opaque shape; echo mid > etc/group; mknod gone c 0 0; mknod hidden c 0 0; echo os > moved/os
   setfattr -n trusted.overlay.opaque -v y opaque; echo y > opaque/y; echo s > shape/s; mknod turned c 0 0; ln -s ../../a usr/lib/up`,
  `mkdir -p hidden etc; echo new > hidden/new; echo top > etc/shadow; ln -sf nosuch etc/dangling; ln -s ../../../../etc/passwd etc/climb; echo t > turned`,
];
const PATHS = `
  /etc/passwd /etc/group /etc/shadow /etc/os /etc/lib/os /a/b/file /hidden/x /hidden/new /opaque/x /opaque/y /dir/f /gone
  /loop1 /across /shape /shape/s /turned /turned/t /usr/lib/up/b/file /etc/dangling /etc/climb /etc /nosuch /etc/passwd/x
  /../../etc/passwd /etc/../etc/./group etc/passwd / /etc/lib/../group //etc//group /etc/lib/up/b/../b/file`
  .trim()
  .split(/\s+/);

const gate = new LibcGate();
const root = skipUnless('root', 'overlay', 'attr');
let base: string;
let layers: string[];

root.describe('files of an image of several layers', () => {
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'tsbox-layers-'));
    layers = LAYERS.map((script, index) => {
      const layer = join(base, String(index));
      mkdirSync(layer);
      execFileSync('sh', ['-ec', script], { cwd: layer });
      return layer;
    });
    mkdirSync(join(base, 'merged'));
    execFileSync('mount', [
      '-t',
      'overlay',
      'overlay',
      '-o',
      `lowerdir=${layers.toReversed().join(':')}`,
      join(base, 'merged'),
    ]);
  });
  afterAll(() => {
    execFileSync('umount', [join(base, 'merged')]);
    rmSync(base, { recursive: true });
  });

  /** What the mount shows, for paths that do not leave it on the way. */
  function expected(path: string): string | undefined {
    try {
      return execFileSync('cat', [join(base, 'merged', path)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch {
      return undefined;
    }
  }

  it.each(PATHS)('are what overlayfs shows: %s', (path) => {
    const view = new LayerView(gate, layers);
    // Links that start at the root or climb above it mean the container's root, not the machine's.
    const known: Record<string, string | undefined> = {
      '/etc/lib/os': 'lib\n',
      '/etc/climb': 'low\n',
      '/../../etc/passwd': 'low\n',
      '/etc/lib/../group': undefined,
      '/etc/lib/up/b/../b/file': 'b\n',
    };
    expect(view.readFile(path)).toBe(path in known ? known[path] : expected(path));
  });

  it('leaves no descriptor open', () => {
    const view = new LayerView(gate, layers);
    for (const path of PATHS) view.readFile(path);
    const open = execFileSync('find', [`/proc/${process.pid}/fd`, '-lname', `${base}*`, '-printf', '%l\n'], {
      encoding: 'utf8',
    });
    expect(open).toBe('');
  });

  it('is missing when a layer is missing', () => {
    expect(new LayerView(gate, [join(base, 'nosuch')]).readFile('/etc/passwd')).toBeUndefined();
  });

  it('reads one layer alone the same way', () => {
    const view = new LayerView(gate, [layers[0] as string]);
    expect(view.readFile('/etc/lib/os')).toBe('lib\n');
    expect(view.readFile('/loop1')).toBeUndefined();
    expect(view.isFile('/etc/os')).toBe(true);
    expect(view.isFile('/etc')).toBe(false);
    expect(readFileSync('/etc/passwd', 'utf8')).not.toBe(view.readFile('/etc/passwd'));
  });
});
