import type { HostFacts, Report } from './report.js';
import { formatQuantity } from './units.js';

/** What is said of a report besides its numbers, the same in text and page. */

/** `Linux 6.18.5 on x64`, `2 x AMD EPYC` ... */
export function hostWords(host: HostFacts): string[] {
  const [before, after] = host.load.map((load) => load.toFixed(2));
  return [
    `Linux ${host.kernel} on ${host.architecture}`,
    `${host.cpus} x ${host.cpu}`,
    `${formatQuantity(host.memory, 'bytes')} of memory`,
    `${host.fileSystem}`,
    `cgroup ${host.cgroups}`,
    `Node ${host.node}`,
    `load ${before} before, ${after} after`,
  ];
}

/** `1 to 25 samples each, after 2 rounds that only warmed up, the candidates in turn`. */
export function roundsWords({ measurements, warmUps }: Report): string {
  const counts = measurements.flatMap(({ samples }) => Object.values(samples).map(({ length }) => length));
  if (counts.length === 0) return 'no samples';
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const range = least === most ? `${most}` : `${least} to ${most}`;
  const warm = warmUps === 0 ? '' : `, after ${warmUps} ${warmUps === 1 ? 'round' : 'rounds'} that only warmed up`;
  return `${range} ${most === 1 ? 'sample' : 'samples'} each${warm}, the candidates in turn`;
}

/** `image synthetic, size 500 MB`. */
export function subjectWords({ subject }: Report): string {
  return Object.entries(subject)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** `2026-11-20 10:15 UTC`. */
export function dateWords(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** What makes a host another one, each under the name that people know it by; the load does not. */
export function hostFactsOf(host: HostFacts): Record<string, string> {
  return {
    kernel: host.kernel,
    architecture: host.architecture,
    processor: `${host.cpus} x ${host.cpu}`,
    memory: formatQuantity(host.memory, 'bytes'),
    'file system': host.fileSystem,
    cgroups: host.cgroups,
    Node: host.node,
  };
}
