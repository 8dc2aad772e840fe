import { statSync } from 'node:fs';
import { type ChildProgram, type Launch, MOUNT_ATTR_RDONLY, throttleDirectories } from '../../core/plugin/index.js';
import { mountCgroups } from './cgroup-views.js';
import { mountDev } from './dev.js';
import { enterRootfs } from './enter.js';
import { attachGenerated, generatedFiles, makePlaces } from './generated-files.js';
import { mountProc, mountSys } from './kernel-views.js';
import { makePathsReadOnly, maskPaths } from './masks.js';
import type { NamedMount } from './named-mount.js';
import { secretMounts } from './secrets.js';
import { type PlacedMount, userMounts } from './user-mounts.js';

/**
 * What is looked up on the host while mounts are recorded: the kinds of what is bound, and the CPUs. Devices and
 * secrets are left to the recording.
 */
export function mountsKey({ spec, volumes, namespaces }: Launch): string | undefined {
  const { resources, security, secrets } = spec;
  if (secrets || security.privileged || resources.devices.length > 0 || namespaces.has('user')) return undefined;
  const kinds = spec.mounts.map((mount) => (mount.type === 'bind' ? statSync(mount.source).isDirectory() : mount.type));
  return JSON.stringify([kinds, [...volumes], throttleDirectories()]);
}

/** Everything that a container sees mounted, in the order in which it is mounted. */
export function recordMounts(child: ChildProgram, launch: Launch): void {
  const { spec } = launch;
  // Modes below are meant as they are written; the plugin "sandbox" sets the command's umask.
  child.outside.call('umask', [0]);
  enterRootfs(child, launch);
  const files = generatedFiles(child, launch);
  const mounts = inOrder([...userMounts(child, launch), ...secretMounts(child, launch)]);
  if (spec.readOnly) makeRootReadOnly(child, launch, mounts, files);
  mountProc(child);
  mountSys(child, launch);
  mountCgroups(child, launch);
  const covers = mountDev(child, launch);
  // /etc itself may be a mount of the user's, and others may lie in it.
  const isInEtc = ({ target }: PlacedMount) => target.startsWith('/etc/');
  attachAll(
    child,
    mounts.filter((mount) => !isInEtc(mount)),
  );
  attachGenerated(child, files);
  attachAll(child, mounts.filter(isInEtc));
  if (spec.security.privileged) return;
  maskPaths(child, covers);
  makePathsReadOnly(child);
}

function attachAll(child: ChildProgram, mounts: readonly PlacedMount[]): void {
  for (const { mount, target, kind } of mounts) child.attach(mount, target, { kind });
}

/** A mount comes after the one that it lies in. */
export function inOrder(mounts: readonly PlacedMount[]): PlacedMount[] {
  const depth = ({ target }: PlacedMount) => target.split('/').length;
  return mounts.toSorted((a, b) => depth(a) - depth(b));
}

/**
 * `--read-only`: the rootfs and what storage has mounted in it, before anything else lies on it. So
 * every place on it must be made first.
 */
function makeRootReadOnly(
  child: ChildProgram,
  { command }: Launch,
  mounts: readonly PlacedMount[],
  files: readonly NamedMount[],
): void {
  for (const path of ['/proc', '/sys', '/dev']) makeDirectory(child, path);
  for (const [index, { target, kind }] of mounts.entries()) {
    if (lies(target, mounts.slice(0, index))) continue;
    child.inside.call('close', [child.makePath(target, kind)]);
  }
  if (!lies('/etc', mounts)) child.inside.call('close', [makePlaces(child, files)]);
  if (command.cwd !== '/' && !lies(command.cwd, mounts)) makeDirectory(child, command.cwd);
  child.setAttributes(child.inside, child.root, { set: MOUNT_ATTR_RDONLY, recursive: true });
}

/** Whether a path is on a mount that comes later, and not on the rootfs. */
function lies(path: string, mounts: readonly { readonly target: string }[]): boolean {
  const later = [...mounts.map(({ target }) => target), '/proc', '/sys', '/dev'];
  return later.some((target) => path === target || path.startsWith(`${target}/`));
}

function makeDirectory(child: ChildProgram, path: string): void {
  child.inside.call('close', [child.makePath(path, 'directory')]);
}
