import { writeFileSync } from 'node:fs';
import {
  type ChildProgram,
  type Gate,
  hasCode,
  type IdMaps,
  type Launch,
  outsideId,
  TsboxError,
} from '../../core/plugin/index.js';
import { findHelpers, runHelper } from './id-helpers.js';
import { flatMap, formatMap, type MapName } from './id-maps.js';
import { handOverTrees } from './idmapped-trees.js';
import { REFUSED_HINT, readProc } from './refusal.js';
import { noteSubordinateFiles } from './remove-subordinate.js';
import { recordTrees } from './scratch.js';

/** Why an ordinary user has one id only. */
export interface Shortage {
  readonly why: string;
  readonly fix?: string;
  readonly diagnosis?: string;
}

/** Gives a launch its user namespace. */
export function enterMaps(launch: Launch, maps: IdMaps): void {
  requireMappedIds(launch, maps);
  // Files of the host's root are the container's root's: by their owner itself, or by mapped mounts.
  const { uid, gid } = launch.host;
  const isOwner = outsideId(0, maps.uids) === uid && outsideId(0, maps.gids) === gid;
  launch.idMaps = isOwner ? maps : { ...maps, idmapped: true };
  launch.namespaces.add('user');
  launch.facts['user-map'] = { uids: flatMap(maps.uids), gids: flatMap(maps.gids) };
}

/**
 * Refuses a command whose ids do not exist inside: setresuid(2) would fail with EINVAL, long after.
 * @throws TsboxError
 */
export function requireMappedIds(launch: Launch, maps: IdMaps, shortage?: Shortage): void {
  const { uid, gid } = launch.command;
  // Groups that only the image's /etc/group lists are left out by whoever sets them; asked for is asked for.
  const groups = launch.spec.groups.length > 0 ? launch.command.groups : [];
  const wanted: [MapName, number][] = [['uid', uid], ['gid', gid], ...groups.map((id): ['gid', number] => ['gid', id])];
  for (const [name, id] of wanted) {
    const map = name === 'uid' ? maps.uids : maps.gids;
    if (outsideId(id, map) === undefined)
      throw unmapped(
        launch,
        name,
        id,
        map.reduce((sum, { size }) => sum + size, 0),
        shortage,
      );
  }
  if (maps.setgroups === 'deny' && groups.some((id) => id !== gid)) throw noGroups();
}

/**
 * Makes the child root of its namespace. With a map in which the caller is root this is so already;
 * otherwise the child is an id that does not exist inside, and could own no file there.
 * It comes before everything that makes files. The change of ids makes the process non-dumpable and
 * clears its parent-death signal (prctl(2)), so it must also come before those are set.
 */
function recordRoot(child: ChildProgram, launch: Launch): void {
  const { outside } = child;
  const maps = launch.idMaps as IdMaps;
  // Groups of the caller are groups of the host; where setgroups is denied they cannot be left.
  if (maps.setgroups !== 'deny') outside.call('setgroups', [0, null], { note: 'leave the groups of the caller' });
  if (outsideId(0, maps.gids) !== launch.host.gid) {
    outside.call('setresgid', [0, 0, 0], { note: 'become the root group of the user namespace' });
  }
  if (outsideId(0, maps.uids) !== launch.host.uid) {
    outside.call('setresuid', [0, 0, 0], { note: 'become root of the user namespace' });
  }
}

/** All that the child does first, in the order in which it is possible. */
export function recordUserNamespace(child: ChildProgram, launch: Launch): void {
  recordRoot(child, launch);
  if (launch.idMaps?.idmapped) recordTrees(child, launch);
}

/** All that the engine does for the waiting child. */
export async function attachUserNamespace(launch: Launch, gate: Gate): Promise<void> {
  await writeMaps(launch, gate);
  if (launch.idMaps?.idmapped) await handOverTrees(launch, gate);
}

/** Writes the maps of the waiting child; each can be written once: user_namespaces(7). */
async function writeMaps(launch: Launch, gate: Gate): Promise<void> {
  const maps = launch.idMaps as IdMaps;
  const isSingle = maps.setgroups === 'deny';
  if (launch.host.privileged || isSingle) return writeDirectly(launch, maps);
  const helpers = findHelpers(gate, readProc);
  if ('missing' in helpers) throw refused('newuidmap', helpers.missing);
  await noteSubordinateFiles(launch, maps);
  await helperStep(launch, 'gid', helpers.gid, maps);
  await helperStep(launch, 'uid', helpers.uid, maps);
}

async function helperStep(launch: Launch, name: MapName, path: string, maps: IdMaps): Promise<void> {
  const map = name === 'uid' ? maps.uids : maps.gids;
  const target = `${name}_map ${formatMap(map).trim().replaceAll('\n', ', ')}`;
  await launch.step({ action: path, target, run: () => runHelper(path, name, launch.pid, map) });
}

async function writeDirectly(launch: Launch, maps: IdMaps): Promise<void> {
  // CVE-2014-8989: without privilege a gid map is accepted only after setgroups(2) is denied.
  if (maps.setgroups === 'deny') await writeStep(launch, 'setgroups', 'deny');
  await writeStep(launch, 'gid_map', formatMap(maps.gids));
  await writeStep(launch, 'uid_map', formatMap(maps.uids));
}

async function writeStep(launch: Launch, file: string, content: string): Promise<void> {
  const path = `/proc/${launch.planning ? 'PID' : launch.pid}/${file}`;
  const target = `${path} ${content.trim().replaceAll('\n', ', ')}`;
  await launch.step({ action: 'write', target, run: () => writeOnce(path, content) });
}

function writeOnce(path: string, content: string): void {
  try {
    writeFileSync(path, content, { flag: 'r+' });
  } catch (error) {
    if (!hasCode(error, 'EPERM', 'EACCES', 'EINVAL')) throw error;
    throw refused(path, error instanceof Error ? error.message : String(error), error);
  }
}

function refused(what: string, why: string, cause?: unknown): TsboxError {
  return new TsboxError('ERR_TSBOX_STEP_FAILED', {
    what: `cannot map the ids of the user namespace (${what})`,
    why,
    fix: [REFUSED_HINT, 'tsbox info shows what this host can do'],
    cause,
  });
}

function unmapped(
  { host }: Launch,
  name: MapName,
  id: number,
  count: number,
  shortage: Shortage | undefined,
): TsboxError {
  const only = count === 1 ? 'only 0 exists in this container' : `${count} ids exist in this container`;
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot run as ${name} ${id}`,
    why: `the user namespace does not map it: ${only}${shortage ? `, because ${shortage.why}` : ''}`,
    fix: [shortage?.fix ?? (host.privileged ? MORE_IDS : SUBORDINATE_IDS), 'or run as root inside: -u 0:0'],
    diagnosis: shortage?.diagnosis,
  });
}

const MORE_IDS = 'choose a larger range: --userns=UID:GID:SIZE';
const SUBORDINATE_IDS =
  'give yourself subordinate ids: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER, ' +
  'with newuidmap installed (apt-get install uidmap)';

function noGroups(): TsboxError {
  return new TsboxError('ERR_TSBOX_NOT_ENFORCEABLE', {
    what: 'cannot set supplementary groups',
    why: 'setgroups(2) is denied in a user namespace with a single id',
    fix: 'leave out --group-add, or use subordinate ids (newuidmap)',
  });
}
