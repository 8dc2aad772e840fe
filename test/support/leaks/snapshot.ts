import {
  cgroupDirectories,
  keys,
  loopDevices,
  mounts,
  processes,
  sysctls,
  temporaryFiles,
  tsboxFiles,
} from './host.js';
import { firewall, listeners, network } from './network.js';
import { installedFiles, ownDescriptors, ownListeners, ownStatus } from './own.js';

/** What is on the host and in this process: sorted lines of text by kind. */
export type Snapshot = Readonly<Record<string, readonly string[]>>;

/** A difference between two snapshots, one line each: `+` came, `-` went. */
export type Difference = Readonly<Record<string, readonly string[]>>;

/** Their end is not a leak: whatever else runs on the machine may end at any time. */
const ONLY_ADDITIONS = new Set(['processes', 'namespaces']);

/** Reads everything that a container could leave behind. Nothing is left out by name. */
export async function takeSnapshot(): Promise<Snapshot> {
  const outside = await Promise.all([network(), firewall()]);
  const { list, namespaces } = processes();
  return {
    // There is no namespace that separates these from what else runs on the machine (test/isolated.sh).
    ...(process.env.TSBOX_TEST_ISOLATED !== '1' && {
      keys: keys(),
      'installed files': installedFiles(),
      'loop devices': loopDevices(),
    }),
    cgroups: cgroupDirectories(),
    mounts: mounts(),
    ...outside[0],
    ...outside[1],
    listeners: listeners(),
    sysctls: sysctls(),
    'tsbox directories': tsboxFiles(),
    'temporary files': temporaryFiles(),
    processes: list,
    namespaces,
    'own descriptors': ownDescriptors(),
    'own status': ownStatus(),
    'own signal listeners': ownListeners(),
  };
}

/** What differs; an empty object when the host is as it was. */
export function compareSnapshots(before: Snapshot, after: Snapshot): Difference {
  const result: Record<string, string[]> = {};
  for (const kind of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const came = subtract(after[kind] ?? [], before[kind] ?? []).map((line) => `+ ${line}`);
    const went = subtract(before[kind] ?? [], after[kind] ?? []).map((line) => `- ${line}`);
    const lines = ONLY_ADDITIONS.has(kind) ? came : [...went, ...came];
    if (lines.length > 0) result[kind] = lines;
  }
  return result;
}

/** As text for a person. */
export function describeDifference(difference: Difference): string {
  return Object.entries(difference)
    .map(([kind, lines]) => `${kind}:\n${lines.map((line) => `  ${line}`).join('\n')}`)
    .join('\n');
}

/** Lines of `all` that `without` does not have; a line that stands twice counts twice. */
function subtract(all: readonly string[], without: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of without) left.set(line, (left.get(line) ?? 0) + 1);
  return all.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
