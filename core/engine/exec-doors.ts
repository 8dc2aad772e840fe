import { closeSync } from 'node:fs';
import { O_CLOEXEC, O_PATH, O_WRONLY, oDirectory } from '../kernel/fcntl.js';
import type { Gate } from '../kernel/gate.js';
import { AT_FDCWD } from '../kernel/mount.js';
import { TsboxError } from '../plugin/error.js';
import type { LaunchState } from './launch-state.js';

/** Descriptors through which a process gets into the cgroups of a container, as the resources driver names them. */
export interface CgroupDoors {
  readonly cgroup: number | undefined;
  readonly files: readonly number[];
}

/** The caller closes them. @throws TsboxError where the driver knows no way in: a command would have no limits */
export function openDoors({ gate, drivers, id }: LaunchState): CgroupDoors {
  const { driver, name } = drivers.resources;
  if (!driver.entrance) throw noEntrance(name);
  const entrance = driver.entrance({ id });
  const opened: number[] = [];
  try {
    for (const file of entrance.files) opened.push(open(gate, file, O_WRONLY));
    const cgroup = entrance.cgroup && open(gate, entrance.cgroup, O_PATH | oDirectory(gate.arch));
    return { cgroup: cgroup || undefined, files: opened };
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  }
}

export function closeDoors({ cgroup, files }: CgroupDoors): void {
  for (const fd of files) closeSync(fd);
  if (cgroup !== undefined) closeSync(cgroup);
}

function open(gate: Gate, path: string, flags: number): number {
  return gate.call('openat', AT_FDCWD, path, flags | O_CLOEXEC, 0);
}

function noEntrance(name: string): TsboxError {
  return new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', {
    what: 'cannot execute a command in this container',
    why: `its resources driver "${name}" does not say how a further process gets into its limits`,
    fix: 'a resources driver says that with entrance()',
  });
}
