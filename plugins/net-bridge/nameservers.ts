import { readFileSync } from 'node:fs';
import { hasCode, type Launch } from '../../core/plugin/index.js';

const RESOLV_CONF = '/etc/resolv.conf';
/** Where systemd-resolved lists the servers behind its own 127.0.0.53. */
const RESOLVED_CONF = '/run/systemd/resolve/resolv.conf';

/** The name servers of a resolv.conf(5), in order; none if it is not there. */
export function readNameservers(path: string = RESOLV_CONF): string[] {
  return parseNameservers(readText(path));
}

export function parseNameservers(text: string): string[] {
  return [...text.matchAll(/^nameserver[ \t]+(\S+)/gm)].map(([, server]) => server as string);
}

/** Whether a container can reach a server: not if it listens on the host's loopback. */
export function isReachable(server: string): boolean {
  return !server.startsWith('127.') && server !== '::1' && server !== '0.0.0.0';
}

/**
 * Chooses name servers that work from inside, and says so where that changes something.
 * @returns undefined when the host's resolv.conf is good as it is
 */
export function chooseNameservers(launch: Launch, fallback: readonly string[]): readonly string[] | undefined {
  if (launch.spec.network.dns.length > 0) return undefined;
  const servers = readNameservers();
  if (servers.length > 0 && servers.every(isReachable)) return undefined;
  const reachable = servers.filter(isReachable);
  if (reachable.length > 0) return reachable;
  const what = `the host's name server ${servers.join(' ') || '(none is set)'} cannot be reached from the container`;
  const behind = readNameservers(RESOLVED_CONF).filter(isReachable);
  const chosen = behind.length > 0 ? behind : fallback;
  launch.warn(
    chosen.length > 0
      ? `${what}; it uses ${chosen.join(' ')}`
      : `${what}, and no other is known: names will not resolve; give one with --dns`,
  );
  return chosen;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES')) return '';
    throw error;
  }
}
