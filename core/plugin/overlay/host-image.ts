import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { O_CLOEXEC, O_PATH, openHow, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from '../../kernel/fcntl.js';
import {
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MOVE_MOUNT_F_EMPTY_PATH,
  MOVE_MOUNT_T_EMPTY_PATH,
} from '../../kernel/mount.js';
import type { ChildProgram } from '../../program/child-program.js';
import type { Launch } from '../launch.js';
import { FRESH, type HostPart, isBelow, isShown } from './host-view.js';
import { type LayerPassing, type OverlayStack, recordOverlay } from './overlay-mount.js';

const MODES: Record<(typeof FRESH)[number], string> = { '/run': '755', '/tmp': '1777' };

/** The names of a part's writable directories. */
export function partDirectories(path: string): readonly [upper: string, work: string] {
  if (path === '/') return ['upper', 'work'];
  const readable = encodeURIComponent(path.slice(1));
  const key = readable.length < 200 ? readable : createHash('sha256').update(path).digest('hex');
  return [`upper-${key}`, `work-${key}`];
}

/** What {@link recordHostImage} finds on the host: the parts, and where the state really lies. */
export function hostImageKey(launch: Launch, parts: readonly HostPart[]): string {
  return JSON.stringify(
    [parts, launch.paths.root, launch.paths.runroot]
      .flat()
      .map((one) => (typeof one === 'string' ? resolved(one) : one)),
  );
}

/** Records the view of the machine's own root that {@link HostPart}s describe. */
export function recordHostImage(
  child: ChildProgram,
  launch: Launch,
  parts: readonly HostPart[],
  writable: string,
  passing: LayerPassing,
): void {
  const overlay = (path: string) => recordOverlay(child, stackOf(launch, writable, path, [path]), passing);
  const [first, ...others] = parts;
  const whole = first?.kind === 'overlay' && first.path === '/';
  // A composed root is a directory of the container's own, so that what is made in it is kept.
  child.rootfs(whole ? overlay('/') : child.openTree(`${launch.paths.container}/view`, { recursive: false }));
  for (const part of whole ? others : parts) recordPart(child, part, overlay);
  for (const path of FRESH) recordFresh(child, path);
  for (const path of statePaths(launch, !whole)) recordMask(child, path);
}

/** One overlay of a launch, with the directories for what is at `path`. */
export function stackOf(launch: Launch, writable: string, path: string, layers: readonly string[]): OverlayStack {
  const [upper, work] = partDirectories(path);
  return {
    layers,
    upper: `${writable}/${upper}`,
    work: `${writable}/${work}`,
    userxattr: launch.namespaces.has('user'),
    volatile: launch.spec.remove,
    place: launch.rootfs as string,
  };
}

function recordPart(
  child: ChildProgram,
  part: HostPart,
  overlay: (path: string) => ReturnType<typeof recordOverlay>,
): void {
  const { path } = part;
  if (part.kind === 'overlay') child.attach(overlay(path), path);
  else if (part.kind === 'bind') child.bind(path, path, { readOnly: true, kind: part.target });
  else if (part.kind === 'directory') child.inside.call('close', [child.makePath(path, 'directory')]);
  else recordSymlink(child, path, part.to);
}

function recordSymlink(child: ChildProgram, path: string, to: string): void {
  const split = path.lastIndexOf('/');
  const parent = child.makePath(path.slice(0, split), 'directory');
  // It is there when a container is started again.
  child.inside.call('symlinkat', [to, parent, path.slice(split + 1)], {
    tolerate: ['EEXIST'],
    note: `${path} -> ${to}`,
  });
  child.inside.call('close', [parent]);
}

function recordFresh(child: ChildProgram, path: (typeof FRESH)[number]): void {
  const tmpfs = child.fsopen('tmpfs').set('source', 'tmpfs').set('mode', MODES[path]);
  child.attach(tmpfs.mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV), path);
}

/** The containers' own files, which a view of the machine would show to each of them. */
function statePaths(launch: Launch, composed: boolean): string[] {
  const paths = [launch.paths.root, launch.paths.runroot].map(resolved);
  const shown = paths.filter((path) => isShown(path, composed));
  return shown.filter(
    (path, index) => !shown.some((other, at) => at !== index && other !== path && isBelow(path, [other])),
  );
}

/** Nothing is made for it: where there is no such directory, there is nothing to hide. */
function recordMask(child: ChildProgram, path: string): void {
  const { inside } = child;
  const attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  const mask = child.fsopen('tmpfs').set('mode', '700').mount(attributes);
  const how = openHow(O_PATH | O_CLOEXEC, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  const missing = inside.label();
  const tolerate = { errnos: ['ENOENT', 'ENOTDIR'], goto: missing };
  const place = inside.callTo(`at:${path}`, 'openat2', [child.root, path, how, how.length], { tolerate });
  const flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  inside.call('move_mount', [mask, '', place, '', flags], { note: `hide ${path}` });
  inside.call('close', [place]);
  inside.place(missing);
  inside.call('close', [mask]);
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
