import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Launch } from './launch.js';

/**
 * Sets the name servers of a container that waits, for a network driver that learns of them in `attach` only;
 * one that knows them in `prepare` sets `launch.network.nameservers`. What the user asked for stays.
 */
export function writeNameservers(launch: Launch, nameservers: readonly string[], search: readonly string[] = []): void {
  const { spec, network, paths } = launch;
  const path = join(paths.container, 'etc', 'resolv.conf');
  network.nameservers = nameservers;
  const { dnsSearch } = spec.network;
  const asked = { ...spec.network, dnsSearch: dnsSearch.length > 0 ? dnsSearch : search };
  writeFileSync(path, resolvConf({ spec: { ...spec, network: asked }, network }, readFileSync(path, 'utf8')));
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
