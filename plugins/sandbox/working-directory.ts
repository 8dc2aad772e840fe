import type { ChildProgram, Launch } from '../../core/plugin/index.js';

/**
 * Enters the working directory, made where it is missing; an exec finds it or fails. With root's rights, as
 * docker does: an image may have a WORKDIR below a directory that its USER cannot search. Targets are resolved
 * without magic links: /proc/self/fd/N of an image would lead to what we hold open (CVE-2024-21626).
 */
export function enterWorkingDirectory(child: ChildProgram, launch: Launch): void {
  const { cwd } = launch.command;
  // It is the root already: the plugin "mounts" left the process there.
  if (cwd === '/') return;
  const hint = 'the working directory (-w, or WORKDIR of the image) must be a directory';
  const place = launch.entering ? child.findDirectory(cwd) : child.makePath(cwd, 'directory');
  child.inside.call('fchdir', [place], { note: `working directory ${cwd}`, hint });
}
