import type { Command } from 'commander';
import { inspectNetwork, type NetworkInspection } from '../../core/networks/list.js';
import { printOne } from '../format.js';
import { print } from '../output.js';
import { reportError } from '../report-error.js';
import type { Act } from './network-act.js';

export function defineNetworkInspect(command: Command, act: Act): void {
  command
    .command('inspect')
    .description('print everything about networks, as JSON')
    .argument('<network...>', 'name, id, or the beginning of an id')
    .option('-f, --format <format>', "json, or a template: '{{.Driver}}'")
    .action((names: string[], { format }: { readonly format?: string }, parsed: Command) =>
      act(parsed, async (engine, { debug }) => {
        let status = 0;
        const found: object[] = [];
        for (const name of names) {
          try {
            found.push(asDocker(await inspectNetwork(engine, name)));
          } catch (error) {
            status = reportError(error, { failure: 1, debug });
          }
        }
        if (format === undefined || format === 'json') print(`${JSON.stringify(found, undefined, 4)}\n`);
        else for (const each of found) await printOne(templated(each), format);
        return status;
      }),
    );
}

/** docker's object. */
export function asDocker(network: NetworkInspection): Readonly<Record<string, unknown>> {
  const { name, id, created, driver, internal, options, labels, subnet, gateway, ipRange, containers } = network;
  const config = {
    ...(subnet !== undefined && { Subnet: subnet }),
    ...(ipRange !== undefined && { IPRange: ipRange }),
    ...(gateway !== undefined && { Gateway: gateway }),
  };
  return {
    Name: name,
    Id: id,
    Created: created,
    Scope: 'local',
    Driver: driver,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: subnet === undefined ? [] : [config] },
    Internal: internal,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(containers.map((container) => [container.id, containerOf(container)])),
    Options: options,
    Labels: labels,
  };
}

function containerOf({ id, name, endpoint }: NetworkInspection['containers'][number]): object {
  const { address, prefix, mac, link } = endpoint;
  const IPv4Address = address === '' ? '' : `${address}/${prefix}`;
  // docker has an id of each endpoint; ours is the interface's name and the container's.
  return { Name: name, EndpointID: `${link}@${id}`, MacAddress: mac, IPv4Address, IPv6Address: '' };
}

/** Tables by name are maps for a template: one can go over them, and a key that is not there has no value. */
function templated(value: object): object {
  const entries = Object.entries(value).map(([key, inner]) => {
    return [key, MAPS.includes(key) ? new Map(Object.entries(inner as object)) : inner];
  });
  return Object.fromEntries(entries);
}

const MAPS = ['Containers', 'Options', 'Labels'];
