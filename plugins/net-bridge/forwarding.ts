import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hasCode } from '../../core/plugin/index.js';

const CONF = '/proc/sys/net/ipv4/conf';

/**
 * Forwarding between the bridge and the other links.
 *
 * `net.ipv4.ip_forward` is not touched: it cannot be put back when another program (a container
 * runtime, a VPN) came to rely on it meanwhile. Each link has a switch of its own, and so has the
 * default for links that come later. Where ip_forward is on when we go, somebody else switched it on
 * and everything stays.
 */
export function switchForwardingOn(forwardedBefore: readonly string[]): void {
  for (const link of links()) {
    if (link !== 'all' && link !== 'lo' && !forwardedBefore.includes(link))
      setLinkSysctl('ipv4', link, 'forwarding', '1');
  }
}

/** Whether the host forwards by itself, so that nothing has to be switched. */
export function forwardsAlready(): boolean {
  return read('all') === '1';
}

/** Links (and `default`) that forward now. */
export function forwardingLinks(): string[] {
  return links().filter((link) => link !== 'all' && read(link) === '1');
}

/** Takes {@link switchForwardingOn} back, except for links that forwarded before. */
export function switchForwardingOff(forwardedBefore: readonly string[]): void {
  if (forwardsAlready()) return;
  for (const link of links()) if (link !== 'all' && !forwardedBefore.includes(link)) write(link, '0');
}

/** A sysctl of one link; nothing if the link or (no IPv6) the family is not there. */
export function setLinkSysctl(family: 'ipv4' | 'ipv6', link: string, name: string, value: string): void {
  try {
    writeFileSync(`/proc/sys/net/${family}/conf/${link}/${name}`, value);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function links(): string[] {
  return readdirSync(CONF);
}

function read(link: string): string | undefined {
  try {
    return readFileSync(`${CONF}/${link}/forwarding`, 'utf8').trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function write(link: string, value: string): void {
  // A write takes the lock of all network configuration, so only what differs is written.
  if (read(link) !== value) setLinkSysctl('ipv4', link, 'forwarding', value);
}
