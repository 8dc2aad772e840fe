import type { Trial, Workload } from '../workload.js';
import type { Lab } from './lab.js';
import { type Ends, type NetworkPath, PATHS } from './paths.js';

const CONNECTIONS = 50;
const ROUND_TRIPS = 200;
const MESSAGE = 64;
const SENT = 32 * 2 ** 20;
const TIMEOUT_MS = 10_000;
const IN_NODE = 'Both ends are processes of Node, whose own time is in it.';

/** Connecting, round trips and throughput, over every path. */
export function trafficWorkloads(lab: Lab): Workload[] {
  return PATHS.map((path) => ({
    name: path.name,
    yields: yieldsOf(path),
    open: async (driver) => trialOf(await path.open(lab, driver)),
  }));
}

function yieldsOf({ name, title, between }: NetworkPath): Workload['yields'] {
  const ways = `Between ${between}`;
  return [
    {
      name: `${name}-connect`,
      title: `TCP connection, ${title}`,
      description: `${ways}: connect, accept and close, one of ${CONNECTIONS} in a row. ${IN_NODE}`,
      group: title,
      unit: 'ns',
      better: 'less',
    },
    {
      name: `${name}-round-trip`,
      title: `round trip, ${title}`,
      description: `${ways}: ${MESSAGE} bytes there and back over one TCP connection, one of ${ROUND_TRIPS} in a row. ${IN_NODE}`,
      group: title,
      unit: 'ns',
      better: 'less',
    },
    {
      name: `${name}-throughput`,
      title: `throughput, ${title}`,
      description: `${ways}: ${SENT / 2 ** 20} MiB over one TCP connection, from the client's first byte until the server has read all. ${IN_NODE}`,
      group: title,
      unit: 'bytes/s',
      better: 'more',
    },
  ];
}

function trialOf({ client, host, port, close }: Ends): Trial {
  const target = { host, port, timeoutMs: TIMEOUT_MS };
  return {
    run: async () => {
      const connect = await client.ask<number>({ act: 'connect', ...target, count: CONNECTIONS });
      const trips = await client.ask<number>({ act: 'round-trips', ...target, count: ROUND_TRIPS, bytes: MESSAGE });
      const send = await client.ask<number>({ act: 'send', ...target, bytes: SENT });
      return [connect / CONNECTIONS, trips / ROUND_TRIPS, (SENT * 1e9) / send];
    },
    close,
  };
}
