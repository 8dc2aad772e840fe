import { lstatSync, mkdirSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasCode, type JsonObject, type Launch, TsboxError } from '../../core/plugin/index.js';
import type { IdSlot } from './id-pool.js';

/**
 * Takes a slot that no other container of this runroot has. A lease is a symbolic link that is named
 * after the slot and points at the container's id: symlink(2) makes name and owner in one step, and
 * fails where another one was faster.
 * @throws TsboxError when all are taken
 */
export async function leaseSlot(launch: Launch, slots: readonly IdSlot[]): Promise<IdSlot> {
  const directory = join(launch.paths.runroot, 'userns');
  const first = Number.parseInt(launch.id.slice(0, 8), 16) % slots.length;
  for (let probe = 0; probe < slots.length; probe++) {
    const slot = slots[(first + probe) % slots.length] as IdSlot;
    const path = join(directory, `${slot.uid}:${slot.gid}`);
    if (isTaken(path)) continue;
    const undo = { kind: 'release-range', args: { path, owner: launch.id } };
    const taken = await launch.step({
      action: 'lease',
      target: path,
      undo,
      run: () => take(path, launch.id),
      dry: () => true,
    });
    if (taken) return slot;
  }
  throw new TsboxError('ERR_TSBOX_NOT_ENFORCEABLE', {
    what: 'cannot give the container ids of its own',
    why: `all ${slots.length} ranges are taken by other containers`,
    fix: ['give more ids to the user "tsbox" in /etc/subuid and /etc/subgid', 'or choose ids: --userns=UID:GID:SIZE'],
  });
}

/** Undo: gives a slot back, unless another container got it. */
export function releaseRange(args: JsonObject): void {
  const path = String(args.path);
  try {
    if (readlinkSync(path) === args.owner) unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'EINVAL', 'ENOTDIR')) throw error;
  }
}

function take(path: string, owner: string): boolean {
  try {
    symlinkSync(owner, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (!hasCode(error, 'ENOENT')) throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return take(path, owner);
  }
}

function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
