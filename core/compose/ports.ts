import type { KeyReader } from './builder.js';
import type { Node } from './node.js';

const LONG = ['target', 'published', 'host_ip', 'protocol', 'mode', 'name', 'app_protocol'];

/** `8080:80`, or the long form. */
export const readPorts: KeyReader = (node, service) => {
  for (const item of node.items()) {
    if (!item.isMap) {
      service.list('publish', item, [item.text()]);
      continue;
    }
    for (const [key, value] of item.entries())
      if (!LONG.includes(key) && !key.startsWith('x-')) service.unsupported(value, 'a port has no such setting');
    const mode = item.child('mode');
    if (mode && !['host', 'ingress'].includes(mode.text())) throw mode.bad('it is host or ingress');
    service.list('publish', item, [longForm(item)]);
  }
};

function longForm(item: Node): string {
  const target = item.child('target');
  if (!target) throw item.bad('it has no target');
  const address = item.child('host_ip')?.text();
  const ip = address === undefined ? '' : `${address.includes(':') ? `[${address}]` : address}:`;
  const published = item.child('published')?.text();
  // With an address in front, an empty port is one that the kernel chooses.
  const host = published === undefined ? (ip === '' ? '' : ':') : `${published}:`;
  const protocol = item.child('protocol')?.text() ?? 'tcp';
  return `${ip}${host}${target.text()}/${protocol}`;
}
