import { readFileSync } from 'node:fs';
import { hasCode, type Launch, OWN_LOOPBACK, TsboxError } from '../../core/plugin/index.js';

/** hosts(5): what every machine has, and the multicast names of Debian's. */
const LOCAL = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'ff00::0\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];

/** The text of /etc/hosts: with the host's network the host's, and always the container's own name. */
export function hostsFile(launch: Launch, host?: string): string {
  const { spec, network } = launch;
  const lines = launch.namespaces.has('net') ? LOCAL : linesOf(host ?? readHostFile('/etc/hosts'));
  const own = `${network.address ?? OWN_LOOPBACK}\t${ownNames(launch).join(' ')}`;
  const added = spec.network.addHosts.map(({ host: name, ip }) => `${addressOf(launch, ip)}\t${name}`);
  return [...lines, ...(launch.namespaces.has('uts') ? [own] : []), ...added, ''].join('\n');
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function ownNames({ hostname, shortId, name, spec }: Launch): string[] {
  const full = spec.domainname ? [`${hostname}.${spec.domainname}`] : [];
  return [...new Set([...full, hostname, shortId, name])];
}

/** `host-gateway` is the host as the container reaches it. */
function addressOf({ network, namespaces, spec }: Launch, ip: string): string {
  if (ip !== 'host-gateway') return ip;
  const gateway = network.gateway ?? (namespaces.has('net') ? undefined : '127.0.0.1');
  if (gateway !== undefined) return gateway;
  throw new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: 'cannot use host-gateway in --add-host',
    why: `a container of network "${spec.drivers.network}" does not reach the host`,
    fix: 'use --network=bridge, or give an address',
  });
}

/** A file of the host, empty where it is missing. */
export function readHostFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
}
