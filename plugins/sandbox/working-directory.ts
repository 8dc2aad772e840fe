import {
  type ChildProgram,
  type Launch,
  O_CLOEXEC,
  O_PATH,
  oDirectory,
  openHow,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
} from '../../core/plugin/index.js';

/**
 * Enters the working directory, which the plugin "mounts" has made where it was missing. With root's
 * rights, as docker does: an image may have a WORKDIR below a directory that its USER cannot search.
 * Magic links are refused: /proc/self/fd/N of an image would lead to what we hold open (CVE-2024-21626).
 */
export function enterWorkingDirectory(child: ChildProgram, launch: Launch): void {
  const { cwd } = launch.command;
  // It is the root already: the plugin "mounts" left the process there.
  if (cwd === '/') return;
  const { inside } = child;
  const flags = O_PATH | O_CLOEXEC | oDirectory(child.arch);
  const how = openHow(flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  const hint = 'the working directory (-w, or WORKDIR of the image) must be a directory';
  const directory = inside.callTo('cwd', 'openat2', [child.root, cwd, how, how.length], { hint });
  inside.call('fchdir', [directory], { note: `working directory ${cwd}` });
}
