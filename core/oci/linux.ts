import type { LaunchState } from '../engine/launch-state.js';
import { LaunchView } from '../engine/launch-state.js';
import type { PlanEntry } from '../engine/plan.js';
import { S_IFCHR, S_IFMT } from '../kernel/fcntl.js';
import { deviceNodes } from '../plugin/device-nodes.js';
import { deviceRules } from '../plugin/device-rules.js';

const CFS_PERIOD = 100_000;
/** Those that every OCI runtime makes by itself. */
const BY_ITSELF = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

export function ociNamespaces({ namespaces, network }: LaunchState): object[] {
  const { peer } = network.chosen;
  const own = [...namespaces].map((name) => ({ type: name === 'net' ? 'network' : name }));
  return peer ? [...own, { type: 'network', path: `/proc/${peer.pid}/ns/net` }] : own;
}

export function ociDevices(state: LaunchState): object[] {
  const nodes = deviceNodes(new LaunchView(state, 'engine', 'resolve'));
  return nodes
    .filter(({ name }) => !BY_ITSELF.includes(name))
    .map(({ name, mode, major, minor, uid, gid }) => ({
      path: `/dev/${name}`,
      type: (mode & S_IFMT) === S_IFCHR ? 'c' : 'b',
      major,
      minor,
      fileMode: mode & 0o777,
      uid,
      gid,
    }));
}

export function ociResources(state: LaunchState): object {
  const { memory, memorySwap, memoryReservation, pidsLimit, blkioWeight } = state.spec.resources;
  const cpu = cpuOf(state);
  return {
    devices: ociDeviceRules(state),
    ...((memory ?? memoryReservation) !== undefined && {
      memory: {
        ...(memory !== undefined && { limit: memory, swap: memorySwap ?? memory * 2 }),
        ...(memoryReservation !== undefined && { reservation: memoryReservation }),
      },
    }),
    ...(Object.keys(cpu).length > 0 && { cpu }),
    ...(pidsLimit !== undefined && { pids: { limit: pidsLimit } }),
    ...(blkioWeight !== undefined && { blockIO: { weight: blkioWeight } }),
  };
}

function cpuOf({ spec }: LaunchState): object {
  const { cpus, cpuShares, cpusetCpus, cpusetMems } = spec.resources;
  return {
    ...(cpuShares !== undefined && { shares: cpuShares }),
    ...(cpus !== undefined && { quota: Math.round(cpus * CFS_PERIOD), period: CFS_PERIOD }),
    ...(cpusetCpus !== undefined && { cpus: cpusetCpus }),
    ...(cpusetMems !== undefined && { mems: cpusetMems }),
  };
}

/** Nothing, and then what is listed; all where the container is privileged. */
function ociDeviceRules(state: LaunchState): object[] {
  const rules = deviceRules(new LaunchView(state, 'engine', 'resolve'));
  if (!rules) return [{ allow: true, access: 'rwm' }];
  const allowed = rules.map(({ type, major, minor, access }) => ({
    allow: true,
    type,
    ...(major !== undefined && { major }),
    ...(minor !== undefined && { minor }),
    access,
  }));
  return [{ allow: false, access: 'rwm' }, ...allowed];
}

/** Those that the program writes: `sysctl net/ipv4/ping_group_range=0 2147483647` is the note of each. */
export function sysctlsOf(entries: readonly PlanEntry[]): Record<string, string> {
  const written = entries.flatMap(({ note }) => /^sysctl ([^=]+)=(.*)$/.exec(note ?? '')?.slice(1, 3) ?? []);
  const pairs = written.flatMap((name, index) => (index % 2 ? [] : [[name.replaceAll('/', '.'), written[index + 1]]]));
  return Object.fromEntries(pairs);
}
