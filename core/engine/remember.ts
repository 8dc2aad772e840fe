import type { Json } from '../plugin/launch.js';
import type { MountSpec, PortSpec } from '../plugin/spec.js';
import type { ContainerDetails, ContainerRecord, ContainerStatus } from '../state/record.js';
import { networkNames } from './choose-network.js';
import type { LaunchState } from './launch-state.js';

/** What lists show of a container that is being launched. */
export function recordOf(
  state: LaunchState,
  status: ContainerStatus,
  more: Partial<ContainerRecord> = {},
): ContainerRecord {
  const { id, name, spec, command, created } = state;
  return {
    version: 1,
    id,
    name,
    image: spec.image,
    command: command.argv,
    created,
    status,
    ...(spec.remove && { autoRemove: true }),
    labels: spec.labels,
    networks: networkNames(state.network),
    ports: publishedPorts(state),
    mounts: spec.mounts.flatMap(placeOf),
    ...more,
  };
}

/** What it takes to start it again and to remove it. */
export function detailsOf(state: LaunchState): ContainerDetails {
  const { spec, image, hostname, facts, warnings, degraded, journal, kept } = state;
  const { reference, layers, config, host } = image;
  return {
    version: 1,
    spec,
    drivers: namesOf(state),
    image: { reference, layers, config, host },
    hostname,
    facts,
    warnings,
    degraded,
    kept: [...(journal?.held.filter(({ keep }) => keep) ?? []), ...kept],
  };
}

function namesOf({ drivers }: LaunchState): ContainerDetails['drivers'] {
  const entries = Object.entries(drivers).map(([kind, { name, plugin }]) => [kind, { name, plugin }]);
  return Object.fromEntries(entries) as unknown as ContainerDetails['drivers'];
}

/** Where the kernel chose a port the driver's facts say which; else what was asked for. */
function publishedPorts({ spec, facts }: LaunchState): readonly PortSpec[] {
  for (const { ports } of Object.values(facts)) if (isPortList(ports)) return ports;
  return spec.network.ports;
}

function isPortList(value: Json | undefined): value is Json & readonly PortSpec[] {
  return Array.isArray(value) && value.length > 0;
}

function placeOf(mount: MountSpec): { source: string; target: string }[] {
  if (mount.type === 'bind') return [{ source: mount.source, target: mount.target }];
  return mount.type === 'volume' ? [{ source: mount.name ?? '', target: mount.target }] : [];
}
