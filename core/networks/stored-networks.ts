import type { JsonObject } from '../plugin/launch.js';
import type { Attachment, Endpoint } from '../plugin/networks.js';
import type { FurtherNetwork, NetworkSpec } from '../plugin/spec.js';
import type { ContainerDetails } from '../state/record.js';

/** The details of a container that is connected to one network more; the first, if it was on none. */
export function withNetwork(details: ContainerDetails, attachment: Attachment): ContainerDetails {
  const { network, ip, aliases } = attachment;
  const added: FurtherNetwork = { network: network.name, aliases, ...(ip !== undefined && { ip }) };
  const { further = [] } = details.spec.network;
  if (details.spec.network.detached) return withFirst(details, added, further);
  return withSpec(details, { ...details.spec.network, further: [...further, added] });
}

/** The details of a container that is on one network less: the next one becomes its first. */
export function withoutNetwork(details: ContainerDetails, name: string): ContainerDetails {
  const { network } = details.spec;
  const { further = [] } = network;
  const rest = further.filter((each) => each.network !== name);
  if (rest.length < further.length) return withSpec(details, { ...network, further: rest });
  const [next, ...others] = rest;
  if (next) return withFirst(details, next, others);
  // The name of a network that may be removed by then is not kept.
  const { ip: _, mac: __, ...own } = network;
  return withSpec(details, { ...own, aliases: [], detached: true }, details.drivers.network.name);
}

/** The driver's facts list the endpoints of the container. */
export function withEndpoint(
  details: ContainerDetails,
  name: string,
  endpoint: Endpoint | undefined,
): ContainerDetails {
  const { facts, drivers } = details;
  const { plugin } = drivers.network;
  const own = (facts[plugin] ?? {}) as JsonObject;
  const listed = Array.isArray(own.networks) ? (own.networks as readonly Endpoint[]) : [];
  const others = listed.filter(({ network }) => network !== name);
  return {
    ...details,
    facts: { ...facts, [plugin]: { ...own, networks: [...others, ...(endpoint ? [endpoint] : [])] } },
  };
}

/** What was asked for on the network before is not asked for on this one. */
function withFirst(
  details: ContainerDetails,
  { network, ip, aliases }: FurtherNetwork,
  further: readonly FurtherNetwork[],
): ContainerDetails {
  const { ip: _, mac: __, detached: ___, ...own } = details.spec.network;
  return withSpec(details, { ...own, aliases, further, ...(ip !== undefined && { ip }) }, network);
}

function withSpec(details: ContainerDetails, network: NetworkSpec, choice?: string): ContainerDetails {
  const { spec } = details;
  const drivers = choice === undefined ? spec.drivers : { ...spec.drivers, network: choice };
  return { ...details, spec: { ...spec, drivers, network } };
}
