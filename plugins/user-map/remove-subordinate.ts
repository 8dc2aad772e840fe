import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import {
  type IdMapping,
  type IdMaps,
  type JsonObject,
  type Launch,
  runInUserNamespace,
  type UndoContext,
} from '../../core/plugin/index.js';
import { findHelpers, runHelper } from './id-helpers.js';
import { flatMap } from './id-maps.js';
import { readProc } from './refusal.js';

const RM = ['/bin/rm', '/usr/bin/rm', '/run/current-system/sw/bin/rm'];

/**
 * From here on the container may make files that belong to the caller's subordinate ids, which the
 * caller has no right to remove. Journalled after the container's directory, so it is undone before.
 */
export async function noteSubordinateFiles(launch: Launch, maps: IdMaps): Promise<void> {
  const path = launch.paths.container;
  const args = { path, uids: flatMap(maps.uids), gids: flatMap(maps.gids) };
  await launch.step({
    action: 'note',
    target: `files of subordinate ids in ${path}`,
    undo: { kind: 'remove-subordinate', args },
    keep: true,
    run: () => undefined,
  });
}

/** Undo: removes the container's directory as root of a user namespace with the container's ids. */
export async function removeSubordinate(args: JsonObject, { gate, root }: UndoContext): Promise<void> {
  const path = String(args.path);
  if (!/^containers\/[0-9a-f]{64}$/.test(relative(root, path))) throw new Error(`${path} is no container of ${root}`);
  if (!existsSync(path)) return;
  const helpers = findHelpers(gate, readProc);
  if ('missing' in helpers) throw new Error(`files of subordinate ids stay in ${path}: ${helpers.missing}`);
  const status = await runInUserNamespace(gate, RM, ['-rf', '--', path], async (pid) => {
    await runHelper(helpers.gid, 'gid', pid, mappings(args.gids));
    await runHelper(helpers.uid, 'uid', pid, mappings(args.uids));
  });
  if (status.exitCode !== 0)
    throw new Error(`rm -rf ${path} ended with ${status.exitCode ?? `signal ${status.signal}`}`);
}

function mappings(numbers: unknown): IdMapping[] {
  if (!Array.isArray(numbers) || numbers.length % 3 !== 0) throw new TypeError('the journal entry has no id map');
  return Array.from({ length: numbers.length / 3 }, (_, index) => {
    const [inside, outside, size] = numbers.slice(index * 3, index * 3 + 3).map(Number);
    return { inside: inside as number, outside: outside as number, size: size as number };
  });
}
