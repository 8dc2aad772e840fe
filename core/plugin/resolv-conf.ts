import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostsFilePath, moveHostsAddress, OWN_LOOPBACK } from './hosts-names.js';
import type { Launch } from './launch.js';

/** What a network driver learns in `attach` only. */
export interface LateNetwork {
  /** The container's own. */
  readonly address?: string;
  readonly nameservers?: readonly string[];
  /** Domains in which names are looked for. */
  readonly search?: readonly string[];
}

/**
 * Puts into the files of a container that waits what its driver could not set in `launch.network` in `prepare`.
 * What the user asked for stays.
 */
export function completeNetworkFiles(launch: Launch, { address, nameservers, search = [] }: LateNetwork): void {
  const { spec, network, paths } = launch;
  if (address !== undefined) {
    network.address = address;
    moveHostsAddress(hostsFilePath(paths.container), OWN_LOOPBACK, address);
  }
  if (!nameservers?.length && search.length === 0) return;
  if (nameservers?.length) network.nameservers = nameservers;
  const path = join(paths.container, 'etc', 'resolv.conf');
  const dnsSearch = spec.network.dnsSearch.length > 0 ? spec.network.dnsSearch : search;
  const asked = { ...spec, network: { ...spec.network, dnsSearch } };
  writeFileSync(path, resolvConf({ spec: asked, network }, readFileSync(path, 'utf8')));
}

/**
 * The text of /etc/resolv.conf (resolv.conf(5)): what was asked for, else what the network driver says,
 * else what the host has. What is not replaced stays as it is.
 */
export function resolvConf({ spec, network }: Pick<Launch, 'spec' | 'network'>, host: string): string {
  const { dns, dnsSearch, dnsOptions } = spec.network;
  const servers = dns.length > 0 ? dns : network.nameservers;
  if (!servers && dnsSearch.length === 0 && dnsOptions.length === 0) return host;
  const lines = host.split('\n').map((line) => line.trim());
  return [
    ...(servers ? servers.map((address) => `nameserver ${address}`) : kept(lines, /^nameserver\s/)),
    ...(dnsSearch.length > 0 ? searchLine(dnsSearch) : kept(lines, /^(search|domain)\s/)),
    ...(dnsOptions.length > 0 ? [`options ${dnsOptions.join(' ')}`] : kept(lines, /^options\s/)),
    '',
  ].join('\n');
}

function kept(lines: readonly string[], keyword: RegExp): string[] {
  return lines.filter((line) => keyword.test(line));
}

/** `.` means no search list at all. */
function searchLine(domains: readonly string[]): string[] {
  const real = domains.filter((domain) => domain !== '.');
  return real.length > 0 ? [`search ${real.join(' ')}`] : [];
}
