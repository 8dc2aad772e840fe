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
const ATTEMPTS = 4;

/** Records that a path of the container is opened (O_PATH), and made where it is missing. */
export function recordTarget(at: TargetRoot, target: string, kind: 'file' | 'directory', links: LinkPolicy): Slot {
  const names = target.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw new RangeError(`${target}: ".." in a mount target`);
  const path = `/${names.join('/')}`;
  const found = new Slot(`at:${target}`);
  const done = at.inside.label();
  // Most targets exist: one call, and the rest is jumped over.
  resolveOnce(at, found, path, 0, links, { goto: done, tolerate: ['ENOENT', 'EAGAIN'] });
  const parent = new Slot(`dir:${target}`);
  for (let depth = 1; depth <= names.length; depth++) {
    makeComponent(at, names.slice(0, depth), depth < names.length ? 'directory' : kind, parent);
  }
  resolve(at, found, path, 0, links);
  at.inside.place(done);
  return found;
}

/** Makes one component of a path unless it is there. Its parent is resolved and pinned first. */
function makeComponent(at: TargetRoot, names: readonly string[], kind: 'file' | 'directory', parent: Slot): void {
  const name = names.at(-1) as string;
  resolve(at, parent, `/${names.slice(0, -1).join('/')}`, oDirectory(at.arch), 'follow');
  const options = { tolerate: ['EEXIST'], note: `make /${names.join('/')}`, hint: MAKE_HINT };
  // Neither call follows a link in the last place; the file is empty and open nowhere.
  if (kind === 'directory') at.inside.call('mkdirat', [parent, name, 0o755], options);
  else at.inside.call('mknodat', [parent, name, S_IFREG | 0o644, 0], options);
  at.inside.call('close', [parent]);
}

function resolve(at: TargetRoot, result: Slot, path: string, flags: number, links: LinkPolicy): void {
  const done = at.inside.label();
  // The root itself has no "..".
  const retries = path === '/' ? 0 : ATTEMPTS - 1;
  for (let i = 0; i < retries; i++) resolveOnce(at, result, path, flags, links, { goto: done, tolerate: ['EAGAIN'] });
  resolveOnce(at, result, path, flags, links, {});
  at.inside.place(done);
}

function resolveOnce(
  at: TargetRoot,
  result: Slot,
  path: string,
  flags: number,
  links: LinkPolicy,
  options: OpOptions,
): void {
  const nofollow = links === 'cover' ? oNofollow(at.arch) : 0;
  const refuse = links === 'refuse' ? RESOLVE_NO_SYMLINKS : 0;
  const how = openHow(O_PATH | O_CLOEXEC | flags | nofollow, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | refuse);
  const hint = `a symbolic link on the way to ${path} is refused, or leads nowhere in the image`;
  at.inside.call('openat2', [at.root, path, how, how.length], { hint, ...options, result });
}
