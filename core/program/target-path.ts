import {
  O_CLOEXEC,
  O_PATH,
  oDirectory,
  oNofollow,
  openHow,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  S_IFREG,
} from '../kernel/fcntl.js';
import type { Arch } from '../kernel/syscalls.js';
import { Slot } from './memory.js';
import type { OpOptions } from './op.js';
import type { Recorder } from './recorder.js';

/**
 * What a symbolic link in a target means: `follow` it, inside the rootfs; `refuse` any; or `cover` one
 * that is the last component, wherever it leads: the mount lands on the link itself.
 */
export type LinkPolicy = 'follow' | 'refuse' | 'cover';

/** Where targets are resolved. */
export interface TargetRoot {
  readonly inside: Recorder;
  readonly root: Slot;
  readonly arch: Arch;
}

const MAKE_HINT = 'a mount target that is missing is made, and here that was not possible: make it before';

/**
 * openat2(2) gives EAGAIN when anything on the machine is mounted or renamed while it follows a "..",
 * which links in images are made of; with many containers starting at once that happens.
 */
const ATTEMPTS = 3;

/** Records that a path of the container is opened (O_PATH), and made where it is missing. */
export function recordTarget(at: TargetRoot, target: string, kind: 'file' | 'directory', links: LinkPolicy): Slot {
  const names = target.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw new RangeError(`${target}: ".." in a mount target`);
  const path = `/${names.join('/')}`;
  const found = new Slot(`at:${target}`);
  const done = at.inside.label();
  const how = howOf(at, links);
  // Most targets exist: one call, and the rest is jumped over.
  open(at, found, path, how, { goto: done, tolerate: ['ENOENT', 'EAGAIN'] });
  makeComponents(at, names, kind, new Slot(`dir:${target}`));
  openPersistently(at, found, path, how);
  at.inside.place(done);
  return found;
}

/** Records that a directory of the container is opened (O_PATH), links followed inside. */
export function recordDirectory(at: TargetRoot, path: string): Slot {
  const how = openHow(O_PATH | O_CLOEXEC | oDirectory(at.arch), RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  const found = new Slot(`at:${path}`);
  openPersistently(at, found, path, how);
  return found;
}

/** Makes what of a path is not there. The parent of each component is resolved and pinned first. */
function makeComponents(at: TargetRoot, names: readonly string[], kind: 'file' | 'directory', parent: Slot): void {
  const how = openHow(O_PATH | O_CLOEXEC | oDirectory(at.arch), RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  for (const [depth, name] of names.entries()) {
    openPersistently(at, parent, `/${names.slice(0, depth).join('/')}`, how);
    const note = `make /${names.slice(0, depth + 1).join('/')}`;
    const options = { tolerate: ['EEXIST'], note, hint: MAKE_HINT };
    // Neither call follows a link in the last place; the file is empty and open nowhere.
    const isFile = kind === 'file' && depth === names.length - 1;
    if (isFile) at.inside.call('mknodat', [parent, name, S_IFREG | 0o644, 0], options);
    else at.inside.call('mkdirat', [parent, name, 0o755], options);
    at.inside.call('close', [parent]);
  }
}

function openPersistently(at: TargetRoot, result: Slot, path: string, how: Uint8Array): void {
  const done = at.inside.label();
  // The root itself has no "..".
  const retries = path === '/' ? 0 : ATTEMPTS - 1;
  for (let i = 0; i < retries; i++) open(at, result, path, how, { goto: done, tolerate: ['EAGAIN'] });
  open(at, result, path, how, {});
  at.inside.place(done);
}

function open(at: TargetRoot, result: Slot, path: string, how: Uint8Array, options: OpOptions): void {
  const hint = `a symbolic link on the way to ${path} is refused, or leads nowhere in the image`;
  at.inside.call('openat2', [at.root, path, how, how.length], { hint, ...options, result });
}

function howOf(at: TargetRoot, links: LinkPolicy): Uint8Array {
  const nofollow = links === 'cover' ? oNofollow(at.arch) : 0;
  const refuse = links === 'refuse' ? RESOLVE_NO_SYMLINKS : 0;
  return openHow(O_PATH | O_CLOEXEC | nofollow, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | refuse);
}
