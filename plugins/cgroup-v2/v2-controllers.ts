import { readdirSync } from 'node:fs';
import { type CgroupHierarchy, hasCode, readCgroupFile, TsboxError, writeCgroupFile } from '../../core/plugin/index.js';

/** Without these a host is not for this driver. */
export const BASE_CONTROLLERS = ['cpu', 'memory', 'pids'] as const;

/** Those that are enabled for every container, so that its use can be read and limited later. */
export function baseControllers({ controllers }: CgroupHierarchy): readonly string[] {
  return controllers.includes('io') ? [...BASE_CONTROLLERS, 'io'] : BASE_CONTROLLERS;
}

/**
 * Sees to it that a new cgroup has controllers: they are enabled in the parents' cgroup.subtree_control,
 * top down. Called after the cgroup was made, which holds its parent in place. Like every container engine
 * it leaves them enabled at the top: others may rely on them by then.
 */
export function enableControllers(hierarchy: CgroupHierarchy, parent: string, needed: readonly string[]): void {
  for (const directory of [hierarchy.mountpoint, parent]) {
    const file = `${directory}/cgroup.subtree_control`;
    const enabled = words(readCgroupFile(file));
    const missing = needed.filter((controller) => !enabled.includes(controller));
    if (missing.length > 0) enable(file, missing);
  }
}

/**
 * Whether cgroups of this host have a file; undefined where no cgroup with the controller exists yet.
 * The root has few of the files itself.
 */
export function hasFile(hierarchy: CgroupHierarchy, file: string): boolean | undefined {
  const controller = file.slice(0, file.indexOf('.'));
  const { mountpoint, ownDirectory } = hierarchy;
  const directories = readdirSync(mountpoint, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const directory of [ownDirectory, ...directories.map((entry) => `${mountpoint}/${entry.name}`)]) {
    if (directory === undefined || directory === mountpoint) continue;
    const files = list(directory);
    if (files.some((name) => name.startsWith(`${controller}.`) && !name.endsWith('.pressure') && name !== 'cpu.stat')) {
      return files.includes(file);
    }
  }
  return undefined;
}

function enable(file: string, controllers: readonly string[]): void {
  try {
    writeCgroupFile(file, controllers.map((controller) => `+${controller}`).join(' '));
  } catch (error) {
    const occupied = hasCode(error, 'EBUSY', 'EOPNOTSUPP');
    throw new TsboxError('ERR_TSBOX_NOT_ENFORCEABLE', {
      what: `cannot enable the cgroup controllers ${controllers.join(', ')}`,
      why: occupied
        ? `processes are in the cgroup of ${file}, and a cgroup holds either processes or limits`
        : (error as Error).message,
      fix: occupied
        ? 'move these processes into a cgroup below it'
        : 'see the section "Delegation" of the kernel\'s cgroup-v2.rst',
      cause: error,
    });
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    // It went away meanwhile.
    if (hasCode(error, 'ENOENT', 'ENODEV')) return [];
    throw error;
  }
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
