import type { PortSpec } from '../core/plugin/spec.js';

/** `0.0.0.0:8080->80/tcp, 127.0.0.1:90-92->90-92/udp`: neighbours that are published alike are one range. */
export function formatPorts(ports: readonly PortSpec[]): string {
  if (ports.length === 0) return '';
  if (ports.length === 1) return formatRange({ first: ports[0] as PortSpec, last: ports[0] as PortSpec });
  const sorted = ports.toSorted(
    (a, b) =>
      compare(a.protocol, b.protocol) ||
      compare(hostAddress(a), hostAddress(b)) ||
      a.containerPort - b.containerPort ||
      (a.hostPort ?? 0) - (b.hostPort ?? 0),
  );
  const ranges: { first: PortSpec; last: PortSpec }[] = [];
  for (const port of sorted) {
    const range = ranges.at(-1);
    if (range && follows(port, range.last)) range.last = port;
    else ranges.push({ first: port, last: port });
  }
  return ranges.map(formatRange).join(', ');
}

/** `0.0.0.0:8080`, `[::1]:8080`. */
export function formatHostPort(port: PortSpec): string {
  return `${hostAddress(port)}:${port.hostPort ?? ''}`;
}

function hostAddress({ hostIp = '0.0.0.0' }: PortSpec): string {
  return hostIp.includes(':') ? `[${hostIp}]` : hostIp;
}

function follows(port: PortSpec, before: PortSpec): boolean {
  return (
    port.protocol === before.protocol &&
    hostAddress(port) === hostAddress(before) &&
    port.containerPort === before.containerPort + 1 &&
    port.hostPort !== undefined &&
    before.hostPort !== undefined &&
    port.hostPort === before.hostPort + 1
  );
}

function formatRange({ first, last }: { readonly first: PortSpec; readonly last: PortSpec }): string {
  const inside = `${span(first.containerPort, last.containerPort)}/${first.protocol}`;
  if (first.hostPort === undefined) return inside;
  return `${hostAddress(first)}:${span(first.hostPort, last.hostPort ?? first.hostPort)}->${inside}`;
}

function span(first: number, last: number): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
