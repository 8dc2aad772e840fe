import {
  AT_FDCWD,
  type ChildProgram,
  type Launch,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOVE_MOUNT_F_EMPTY_PATH,
  MovedPaths,
  O_CLOEXEC,
  S_IFREG,
} from '../../core/plugin/index.js';
import { type Tree, treesOf } from './idmapped-trees.js';

/** Above every descriptor that a child has open at that moment, below any sensible limit. */
const SCRATCH_FD = 100;
/** So many are open at once, which keeps them below the scratch directory's number. */
const AT_ONCE = 64;

/**
 * Gives the trees that the engine hands over a place in the child's mount namespace: overlay takes
 * layers from nowhere else. It is a tmpfs on top of `/`, which no path leads to, since a path begins
 * below it; it is reached by descriptor and goes with the host's tree.
 */
export function recordTrees(child: ChildProgram, launch: Launch): void {
  const trees = treesOf(launch);
  makeScratch(child);
  for (let at = 0; at < trees.length; at += AT_ONCE) recordSome(child, trees.slice(at, at + AT_ONCE));
  const places = (from: string) =>
    trees.filter(({ name }) => name.startsWith(from)).map((tree): [string, string] => [tree.source, placeOf(tree)]);
  const [own] = places('own') as [[string, string]];
  child.shared.moved = new MovedPaths(own, new Map(places('tree')), new Map(places('bind')));
}

function makeScratch(child: ChildProgram): void {
  const { outside } = child;
  const attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  const scratch = child.fsopen('tmpfs').set('mode', '700').mount(attributes);
  outside.call('move_mount', [scratch, '', AT_FDCWD, '/', MOVE_MOUNT_F_EMPTY_PATH], {
    note: 'a place for trees of the host',
  });
  outside.call('dup3', [scratch, SCRATCH_FD, O_CLOEXEC], { hint: 'raise the limit of open files: ulimit -n 256' });
  outside.call('close', [scratch]);
}

function recordSome(child: ChildProgram, trees: readonly Tree[]): void {
  const { outside } = child;
  const slots = child.receive(trees.map(({ handle }) => handle));
  for (const [index, tree] of trees.entries()) {
    const mount = slots[index] ?? null;
    if (tree.kind === 'directory') outside.call('mkdirat', [SCRATCH_FD, tree.name, 0o700]);
    else outside.call('mknodat', [SCRATCH_FD, tree.name, S_IFREG | 0o600, 0]);
    const note = `${tree.source}, as the engine opened it`;
    outside.call('move_mount', [mount, '', SCRATCH_FD, tree.name, MOVE_MOUNT_F_EMPTY_PATH], { note });
    outside.call('close', [mount]);
  }
}

function placeOf(tree: Tree): string {
  return `/proc/self/fd/${SCRATCH_FD}/${tree.name}`;
}
