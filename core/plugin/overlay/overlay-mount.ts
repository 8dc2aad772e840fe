import { O_CLOEXEC, O_PATH, oDirectory } from '../../kernel/fcntl.js';
import { AT_FDCWD, MNT_DETACH, OPEN_TREE_CLOEXEC, OPEN_TREE_CLONE } from '../../kernel/mount.js';
import type { ChildProgram } from '../../program/child-program.js';
import type { Slot } from '../../program/memory.js';
import type { Recorder } from '../../program/recorder.js';

/** The kernel's OVL_MAX_STACK (fs/overlayfs/params.h); the upper layer does not count. */
export const MAX_LAYERS = 500;

/** What one overlay is made of. */
export interface OverlayStack {
  /** Directories, lowest first. */
  readonly layers: readonly string[];
  readonly upper: string;
  readonly work: string;
  /**
   * Nothing of it is kept: the last unmount need not sync the file system of the upper directory, all
   * of it, which takes milliseconds and makes everybody else's journal wait (Linux 5.10).
   */
  readonly volatile: boolean;
  /** In a user namespace trusted.* xattrs cannot be written; overlay then uses user.overlay.*. */
  readonly userxattr: boolean;
  /** An empty directory of the host's tree, for the way that needs a place. */
  readonly place: string;
}

/**
 * How layers reach the kernel:
 * `append`, one fsconfig(2) call for each (`lowerdir+`, Linux 6.8);
 * `descriptors`, one option string of descriptor numbers for mount(2), which takes one page.
 */
export type LayerPassing = 'append' | 'descriptors';

/**
 * Set even though most kernels have these defaults: a distribution may build others, and then
 * - `index=on` ties an upper directory to its layers, and a moved store fails with ESTALE;
 * - redirects and metacopies make files of the upper directory meaningless without their layers,
 *   and, written into a layer by somebody else, they show files that the layer does not hold.
 */
const OPTIONS = { index: 'off', redirect_dir: 'nofollow', metacopy: 'off' } as const;

const HINT =
  'overlay wants its upper directory on a local file system such as ext4, xfs, btrfs or tmpfs, not on ' +
  'overlay, NFS or FUSE (the kernel log says more): choose another place with --root, or use --storage=copy';
const LAYER_HINT = 'a layer of the image is missing or cannot be read: fetch or build the image again';

/** fsconfig(2) takes values of up to 255 bytes. */
const MAX_VALUE = 255;

function fitsAppending(stack: OverlayStack): boolean {
  const values = [...stack.layers, escaped(stack.upper), escaped(stack.work)];
  return values.every((value) => Buffer.byteLength(value) <= MAX_VALUE);
}

/** Records one overlay; answers with its detached mount. */
export function recordOverlay(child: ChildProgram, wanted: OverlayStack, passing: LayerPassing): Slot {
  const stack = asFoundByChild(child, wanted);
  return passing === 'append' && fitsAppending(stack)
    ? recordAppending(child, stack)
    : recordByDescriptors(child, stack);
}

function asFoundByChild(child: ChildProgram, stack: OverlayStack): OverlayStack {
  const { layers, upper, work, place } = stack;
  const [foundUpper, foundWork, foundPlace] = [upper, work, place].map((path) => child.hostPath(path)) as [
    string,
    string,
    string,
  ];
  const found = layers.map((layer) => child.hostPath(layer));
  return { ...stack, layers: found, upper: foundUpper, work: foundWork, place: foundPlace };
}

function recordAppending(child: ChildProgram, stack: OverlayStack): Slot {
  const overlay = child.fsopen('overlay', 'load it with "modprobe overlay", or use --storage=copy');
  overlay.set('source', 'overlay');
  if (stack.userxattr) overlay.flag('userxattr');
  if (stack.volatile) overlay.flag('volatile');
  for (const [key, value] of Object.entries(OPTIONS)) overlay.set(key, value);
  // The topmost layer comes first, as in lowerdir=a:b.
  for (const layer of stack.layers.toReversed()) overlay.set('lowerdir+', layer, LAYER_HINT);
  overlay.set('upperdir', escaped(stack.upper), HINT).set('workdir', escaped(stack.work), HINT);
  return overlay.mount(0, HINT);
}

/** `upperdir` and `workdir` are unescaped by overlay, `lowerdir+` is not (fs/overlayfs/params.c). */
function escaped(path: string): string {
  return path.replaceAll('\\', '\\\\');
}

/** Above what a child has open while it is set up, below the usual soft limit of 1024. */
const FIRST_FD = 200;

/**
 * Before 6.5 an fsconfig(2) value ends at 255 bytes, and mount(2) takes one page of options. With
 * every directory opened first, and /proc/self/fd as working directory, each costs four bytes,
 * needs no escaping, and 500 of them fit.
 */
function recordByDescriptors(child: ChildProgram, stack: OverlayStack): Slot {
  const { outside } = child;
  const directories = [stack.upper, stack.work, ...stack.layers.toReversed()];
  for (const [index, path] of directories.entries()) openAt(outside, path, FIRST_FD + index, child.arch);
  outside.call('chdir', ['/proc/self/fd'], { note: 'layers are named by descriptor' });
  const data = descriptorOptions(stack);
  outside.call('mount', ['overlay', stack.place, 'overlay', 0, data], { note: data, hint: HINT });
  outside.call('chdir', ['/']);
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
  const mount = outside.callTo('mount:overlay', 'open_tree', [AT_FDCWD, stack.place, flags]);
  outside.call('umount2', [stack.place, MNT_DETACH]);
  outside.call('close_range', [FIRST_FD, FIRST_FD + directories.length - 1, 0]);
  return mount;
}

function openAt(recorder: Recorder, path: string, fd: number, arch: ChildProgram['arch']): void {
  const flags = O_PATH | O_CLOEXEC | oDirectory(arch);
  const opened = recorder.callTo('layer', 'openat', [AT_FDCWD, path, flags, 0], { hint: LAYER_HINT });
  recorder.call('dup3', [opened, fd, O_CLOEXEC], { hint: 'raise the limit of open files: ulimit -n 1024' });
  recorder.call('close', [opened]);
}

function descriptorOptions(stack: OverlayStack): string {
  const lower = stack.layers.map((_, index) => FIRST_FD + 2 + index).join(':');
  const fixed = Object.entries(OPTIONS).map(([key, value]) => `${key}=${value}`);
  const options = [...fixed, `upperdir=${FIRST_FD}`, `workdir=${FIRST_FD + 1}`, `lowerdir=${lower}`];
  if (stack.userxattr) options.unshift('userxattr');
  if (stack.volatile) options.unshift('volatile');
  return options.join(',');
}
