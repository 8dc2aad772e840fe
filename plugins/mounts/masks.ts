import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  type ChildProgram,
  type Label,
  MASKED_DIRECTORIES,
  MASKED_FILES,
  MOUNT_ATTR_RDONLY,
  MOVE_MOUNT_F_EMPTY_PATH,
  MOVE_MOUNT_T_EMPTY_PATH,
  O_CLOEXEC,
  O_PATH,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  openHow,
  READ_ONLY_PATHS,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  type Slot,
  throttleDirectories,
} from '../../core/plugin/index.js';
import { HARMLESS } from './attributes.js';
import type { Covers } from './covers.js';

/** One for all: the program holds it once. */
const WITHOUT_LINKS = openHow(O_PATH | O_CLOEXEC, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
const MASK_HINT = 'a mask must not be left out: a link or something of another kind is in its place';

/** Covers what a container must not see; last of all, over whatever was mounted there. */
export function maskPaths(child: ChildProgram, covers: Covers): void {
  for (const path of MASKED_FILES) mask(child, path, covers.file, 0);
  const readOnly = HARMLESS | MOUNT_ATTR_RDONLY;
  for (const path of [...MASKED_DIRECTORIES, ...throttleDirectories()]) mask(child, path, covers.directory, readOnly);
}

export function makePathsReadOnly(child: ChildProgram): void {
  for (const path of READ_ONLY_PATHS) {
    over(child, path, (place) => {
      const tree = clone(child, place, AT_RECURSIVE);
      // Set only: the copy keeps nosuid, nodev and noexec of the mount that it is made of.
      child.setAttributes(child.inside, tree, { set: MOUNT_ATTR_RDONLY, recursive: true });
      return tree;
    });
  }
}

function mask(child: ChildProgram, path: string, cover: Slot, attributes: number): void {
  over(child, path, () => {
    const tree = clone(child, cover, 0);
    if (attributes) child.setAttributes(child.inside, tree, { set: attributes });
    return tree;
  });
}

/** Mounts what `make` records over a path that may be missing, but must not be a link. */
function over(child: ChildProgram, path: string, make: (place: Slot) => Slot): void {
  const { inside } = child;
  const missing = inside.label();
  const place = openWithoutLinks(child, path, missing);
  const tree = make(place);
  const flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  inside.call('move_mount', [tree, '', place, '', flags], { note: `over ${path}`, hint: MASK_HINT });
  inside.call('close', [tree]);
  inside.call('close', [place]);
  inside.place(missing);
}

function openWithoutLinks({ inside, root }: ChildProgram, path: string, missing: Label): Slot {
  const tolerate = { errnos: ['ENOENT'], goto: missing };
  return inside.callTo('place', 'openat2', [root, path, WITHOUT_LINKS, WITHOUT_LINKS.length], {
    tolerate,
    hint: MASK_HINT,
  });
}

function clone({ inside }: ChildProgram, tree: Slot, recursive: number): Slot {
  return inside.callTo('copy', 'open_tree', [
    tree,
    '',
    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | recursive,
  ]);
}
