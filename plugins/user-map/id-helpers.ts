import { realpathSync, statSync } from 'node:fs';
import { type Gate, hasCode, type IdMapping, TsboxError } from '../../core/plugin/index.js';
import { flatMap, type MapName } from './id-maps.js';
import type { ReadProc } from './refusal.js';

/** The setuid programs that write maps from /etc/subuid: newuidmap(1), newgidmap(1). */
export interface Helpers {
  readonly uid: string;
  readonly gid: string;
}

/** Never PATH: a helper that is run for its privileges comes from where only root can write. */
const DIRECTORIES = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin', '/run/wrappers/bin'];
const S_ISUID = 0o4000;
const TIMEOUT_MS = 10_000;

/** Both helpers, or why they cannot be used. */
export function findHelpers(
  gate: Gate,
  read: ReadProc,
  directories = DIRECTORIES,
): Helpers | { readonly missing: string } {
  // no_new_privs disarms setuid bits and file capabilities: prctl(2).
  if (/^NoNewPrivs:\s*1$/m.test(read('/proc/self/status') ?? '')) {
    return { missing: 'newuidmap cannot gain its privileges, because tsbox runs with no_new_privs' };
  }
  const uid = find(gate, 'newuidmap', directories);
  const gid = find(gate, 'newgidmap', directories);
  if (!uid || !gid) return { missing: `${uid ? 'newgidmap' : 'newuidmap'} is not installed with its privileges` };
  return { uid, gid };
}

function find(gate: Gate, name: string, directories: readonly string[]): string | undefined {
  return directories.map((directory) => `${directory}/${name}`).find((path) => isPrivileged(gate, path));
}

function isPrivileged(gate: Gate, path: string): boolean {
  try {
    const file = statSync(path);
    if (!file.isFile() || file.uid !== 0) return false;
    return (file.mode & S_ISUID) !== 0 || hasFileCapabilities(gate, realpathSync(path));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) return false;
    throw error;
  }
}

function hasFileCapabilities(gate: Gate, path: string): boolean {
  try {
    return gate.call('lgetxattr', path, 'security.capability', null, 0) > 0;
  } catch (error) {
    if (hasCode(error, 'ENODATA', 'EOPNOTSUPP', 'EPERM', 'EACCES')) return false;
    throw error;
  }
}

/** Has a helper write one map of a waiting process. The only program that tsbox runs in a launch. */
export async function runHelper(path: string, name: MapName, pid: number, map: readonly IdMapping[]): Promise<void> {
  // Loaded for those who need it: most launches start no helper.
  const { execFile } = process.getBuiltinModule('node:child_process');
  const args = [pid, ...flatMap(map)].map(String);
  await new Promise<void>((resolve, reject) => {
    const options = { env: { LC_ALL: 'C' }, cwd: '/', timeout: TIMEOUT_MS };
    execFile(path, args, options, (error, _stdout, stderr) => {
      if (error) reject(helperFailed(path, name, stderr.trim() || error.message, error));
      else resolve();
    });
  });
}

function helperFailed(path: string, name: MapName, said: string, cause: Error): TsboxError {
  const file = name === 'uid' ? '/etc/subuid' : '/etc/subgid';
  return new TsboxError('ERR_TSBOX_STEP_FAILED', {
    what: `cannot map ${name}s with ${path}`,
    why: said,
    fix: [
      `check your lines in ${file}: two users must not have the same ids`,
      `dpkg-reconfigure uidmap, or chmod u+s ${path}, if it lost its privileges`,
    ],
    cause,
  });
}
