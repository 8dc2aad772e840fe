import {
  availableCapabilities,
  type ChildProgram,
  capabilitySet,
  type IdMapping,
  type Launch,
  lastCapability,
  Memory,
  PR_CAPBSET_DROP,
  PR_SET_NO_NEW_PRIVS,
  PR_SET_PDEATHSIG,
  type Recorder,
} from '../../core/plugin/index.js';

const CAPABILITY_VERSION_3 = 0x2008_0522;
const SIGKILL = 9;

/**
 * Ids and capabilities of the command. The order is the kernel's: dropping from the bounding set takes
 * SETPCAP, changing ids takes SETGID and SETUID, so what remains is set last of all.
 */
export function dropRights({ inside, command }: ChildProgram, launch: Launch): void {
  const { mask } = capabilitySet(launch.spec.security, availableCapabilities(launch));
  dropBoundingSet(inside, mask, lastCapability());
  changeIds(inside, launch);
  // An ordinary user holds none, as with docker: only the bounding set says what a setuid program may get.
  setCapabilities(inside, launch.command.uid === 0 ? mask : 0n);
  if (launch.spec.security.noNewPrivileges)
    inside.call('prctl', [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0], { note: 'no_new_privs' });
  // After the ids: changing them clears it (prctl(2)). The engine looks once more before the exec,
  // since it may have died before this. A clone clears it too.
  if (!launch.entering?.detached)
    command.call('prctl', [PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0], { note: 'ends with its engine' });
}

function dropBoundingSet(recorder: Recorder, keep: bigint, last: number): void {
  for (let number = 0; number <= last; number++) {
    if ((keep >> BigInt(number)) & 1n) continue;
    recorder.call('prctl', [PR_CAPBSET_DROP, number, 0, 0, 0], { hint: 'tsbox itself needs CAP_SETPCAP' });
  }
}

function changeIds(recorder: Recorder, launch: Launch): void {
  const { uid, gid } = launch.command;
  const groups = supplementaryGroups(launch);
  // user_namespaces(7): where setgroups is denied the plugin "user-map" has refused groups that were asked for.
  if (launch.idMaps?.setgroups !== 'deny') recorder.call('setgroups', [groups.length, groupList(groups)]);
  recorder.call('setresgid', [gid, gid, gid]);
  recorder.call('setresuid', [uid, uid, uid]);
}

/** Groups of the image's /etc/group that the user namespace does not know are left out. */
function supplementaryGroups(launch: Launch): readonly number[] {
  const { idMaps, command } = launch;
  return idMaps ? command.groups.filter((group) => isMapped(idMaps.gids, group)) : command.groups;
}

function isMapped(map: readonly IdMapping[], id: number): boolean {
  return map.some(({ inside, size }) => id >= inside && id < inside + size);
}

function groupList(groups: readonly number[]): Memory | null {
  if (groups.length === 0) return null;
  const list = new Memory(groups.length * 4, `groups ${groups.join(' ')}`);
  for (const [index, group] of groups.entries()) list.u32(index * 4, group);
  return list;
}

/** Permitted = effective = `mask`; inheritable is empty, which empties the ambient set too: capabilities(7). */
function setCapabilities(recorder: Recorder, mask: bigint): void {
  const header = new Memory(8, 'self').u32(0, CAPABILITY_VERSION_3);
  const data = new Memory(24, mask.toString(16).padStart(8, '0'));
  for (const half of [0, 1]) {
    const bits = Number((mask >> BigInt(32 * half)) & 0xffff_ffffn);
    data.u32(12 * half, bits).u32(12 * half + 4, bits);
  }
  recorder.call('capset', [header, data], { note: 'permitted = effective, none inheritable' });
}
