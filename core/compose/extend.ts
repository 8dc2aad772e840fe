import { resolve } from 'node:path';
import { type Node, pairsOf } from './node.js';

/** They replace what is extended; other lists are added to it. */
const REPLACED = ['command', 'entrypoint', 'test'];
/** Lists of `K=V` that are tables, too. */
const PAIRS = ['environment', 'labels', 'extra_hosts'];

/**
 * A service with what it extends below it.
 * @param read reads another file
 * @param seen places that led here: `file#service`
 */
export async function extended(
  name: string,
  services: ReadonlyMap<string, Node>,
  read: (file: string) => Promise<Node>,
  seen: readonly string[] = [],
): Promise<Node> {
  const node = services.get(name) as Node;
  const place = `${node.source.file}#${name}`;
  const wanted = node.child('extends');
  if (seen.includes(place))
    throw (wanted ?? node).bad(`services extend each other in a circle: ${[...seen, place].join(', ')}`);
  if (!wanted) return node;
  const base = wanted.isMap ? wanted.child('service')?.text() : wanted.text();
  const file = wanted.isMap ? wanted.child('file')?.text() : undefined;
  if (base === undefined) throw wanted.bad('it does not say which service');
  const among = file === undefined ? services : servicesOf(await read(resolve(node.directory, file)));
  if (!among.has(base)) throw wanted.bad(`there is no service "${base}"${file === undefined ? '' : ` in ${file}`}`);
  return merged(await extended(base, among, read, [...seen, place]), node);
}

export function servicesOf(file: Node): Map<string, Node> {
  return new Map(file.child('services')?.entries() ?? []);
}

/** Tables are merged key by key, lists added up, other values replaced. */
function merged(base: Node, own: Node, key = ''): Node {
  if (PAIRS.includes(key)) return table(base, own);
  if (base.isMap && own.isMap) {
    const entries = new Map(base.entries());
    for (const [child, value] of own.entries()) {
      const below = entries.get(child);
      entries.set(child, below ? merged(below, value, child) : value);
    }
    return own.with(entries);
  }
  if (own.isNull) return base;
  if (base.isList && own.isList && !REPLACED.includes(key)) return own.with([...base.items(), ...own.items()]);
  return own;
}

function table(base: Node, own: Node): Node {
  const pairs = [...pairsOf(base), ...pairsOf(own)];
  return own.with(new Map(pairs.map(([name, value, node]) => [name, node.with(value ?? null)])));
}
