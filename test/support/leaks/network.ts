import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { lines } from './read.js';

const run = promisify(execFile);
type Item = Record<string, unknown>;

/** Counters and timers move by themselves. */
const MOVING = new Set(['expires', 'valid_life_time', 'preferred_life_time', 'packets', 'bytes', 'used', 'gc_timer']);

/** Links, addresses, routes and the neighbours that somebody entered (the others come and go). */
export async function network(): Promise<Record<string, string[]>> {
  const [addresses, routes, routes6, rules, neighbours] = await Promise.all([
    json('ip', '-json', '-details', 'address'),
    json('ip', '-json', '-4', 'route', 'show', 'table', 'all'),
    json('ip', '-json', '-6', 'route', 'show', 'table', 'all'),
    json('ip', '-json', 'rule'),
    json('ip', '-json', 'neighbour', 'show', 'nud', 'permanent'),
  ]);
  return {
    links: addresses.length > 0 ? addresses.map(({ addr_info, ...item }) => linkLine(item)) : plainLinks(),
    addresses: addresses.flatMap(({ ifname, addr_info }) =>
      (addr_info as Item[]).map(({ local, prefixlen, scope }) => `${ifname} ${local}/${prefixlen} ${scope}`),
    ),
    routes: routes.length > 0 ? [...routes, ...routes6].map(line) : lines('/proc/net/route'),
    rules: rules.map(line),
    neighbours: neighbours.map(line),
  };
}

function linkLine({ ifname, ifindex, address, mtu, master, flags, linkinfo }: Item): string {
  const kind = (linkinfo as Item | undefined)?.info_kind ?? '';
  return [ifindex, ifname, kind, address, `mtu ${mtu}`, master ? `master ${master}` : '', flags]
    .filter(Boolean)
    .join(' ');
}

function plainLinks(): string[] {
  return lines('/proc/net/dev')
    .slice(2)
    .map((row) => row.trim().split(':')[0] as string);
}

/** Rules of nf_tables and of the older iptables, without counters. */
export async function firewall(): Promise<Record<string, string[]>> {
  const [ruleset, legacy] = await Promise.all([json('nft', '-json', 'list', 'ruleset'), iptables()]);
  const items = ((ruleset as unknown as { nftables?: Item[] }).nftables ?? []).filter((item) => !('metainfo' in item));
  return { 'nft ruleset': items.map(line), 'iptables rules': legacy };
}

async function iptables(): Promise<string[]> {
  const saved = await Promise.all(
    ['iptables-legacy-save', 'ip6tables-legacy-save'].map((program) => output(program, [])),
  );
  return saved
    .flatMap((text) => text.split('\n'))
    .filter((row) => row && !row.startsWith('#'))
    .map((row) => row.replace(/ \[\d+:\d+\]$/, ''));
}

function line(item: Item): string {
  return JSON.stringify(item, (key, value) => (MOVING.has(key) ? undefined : value));
}

async function json(program: string, ...args: string[]): Promise<Item[]> {
  const printed = await output(program, args);
  return printed.trim() ? (JSON.parse(printed) as Item[]) : [];
}

/** What a program prints; nothing where it is not installed or not allowed. */
async function output(program: string, args: readonly string[]): Promise<string> {
  return run(program, [...args], { maxBuffer: 1 << 26 }).then(
    ({ stdout }) => stdout,
    () => '',
  );
}

/** Sockets that wait for others: TCP in LISTEN, UDP and raw unconnected, unix listening. */
export function listeners(): string[] {
  const internet = ['tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6'].flatMap((protocol) =>
    lines(`/proc/net/${protocol}`)
      .slice(1)
      .flatMap((row) => {
        const [, local, , state] = row.trim().split(/\s+/);
        return state === '0A' || state === '07' ? [`${protocol} ${local}`] : [];
      }),
  );
  const isListening = (flags: string | undefined) => flags === '00010000'; // __SO_ACCEPTCON
  const unix = lines('/proc/net/unix')
    .slice(1)
    .map((row) => row.trim().split(/\s+/))
    .filter((row) => isListening(row[3]));
  return [...internet, ...unix.map((row) => `unix ${row[7] ?? '(unnamed)'}`)];
}
