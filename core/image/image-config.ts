import { accessSync, constants, readFileSync } from 'node:fs';
import type { ImageConfig } from '../plugin/image.js';

/** What an image without a config is run with: nothing is guessed. */
export const EMPTY_CONFIG: ImageConfig = { entrypoint: [], cmd: [], env: [], workdir: '/', user: '' };

const FALLBACK_SHELL = '/bin/sh';

/** A bare tree has no config; it gets a shell where it has one, so that `run -it DIR` is of use. */
export function treeConfig(hasFile: (path: string) => boolean): ImageConfig {
  return hasFile(FALLBACK_SHELL) ? { ...EMPTY_CONFIG, cmd: [FALLBACK_SHELL] } : EMPTY_CONFIG;
}

/** `run -it host` gives the caller's own shell, as chroot(8) does, if it is one of shells(5). */
export function hostConfig(env: NodeJS.ProcessEnv): ImageConfig {
  const shell = env.SHELL;
  return { ...EMPTY_CONFIG, cmd: [shell !== undefined && isLoginShell(shell) ? shell : FALLBACK_SHELL] };
}

const loginShells = new Set<string>();

/** Those that were some are remembered: an engine asks at each launch. */
function isLoginShell(path: string): boolean {
  if (loginShells.has(path)) return true;
  try {
    accessSync(path, constants.X_OK);
    if (!readFileSync('/etc/shells', 'utf8').split('\n').includes(path)) return false;
    loginShells.add(path);
    return true;
  } catch {
    return false;
  }
}
