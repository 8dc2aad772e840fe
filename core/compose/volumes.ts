import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { commaField } from '../config/parse/comma-fields.js';
import type { KeyReader, ServiceBuilder } from './builder.js';
import type { Node } from './node.js';

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  bind: ['propagation', 'create_host_path', 'recursive'],
  volume: ['nocopy'],
  tmpfs: ['size', 'mode'],
};
const COMMON = ['type', 'source', 'target', 'read_only', 'consistency', 'bind', 'volume', 'tmpfs'];

/** Binds, named and anonymous volumes, and file systems in memory; short and long. */
export const readVolumes: KeyReader = (node, service) => {
  for (const item of node.items()) {
    if (item.isMap) readLong(item, service);
    else service.list('volume', item, [shortForm(item, service)]);
  }
};

function shortForm(item: Node, service: ServiceBuilder): string {
  const [source = '', ...rest] = item.text().split(':');
  if (rest.length === 0) return source;
  return [sourceOf(source, item, service), ...rest].join(':');
}

/** A path starts where the file is that has it; a name is that of a volume of the file. */
function sourceOf(source: string, item: Node, { project }: ServiceBuilder): string {
  if (source.startsWith('~')) return resolve(homedir(), source.replace(/^~\/?/, ''));
  if (/^[./]/.test(source)) return resolve(item.directory, source);
  const volume = project.volumes.get(source);
  if (volume) return volume.name;
  throw item.bad(
    `there is no volume "${source}"`,
    `add it below the top-level "volumes", or write ./${source} for a path`,
  );
}

function readLong(item: Node, service: ServiceBuilder): void {
  const type = item.child('type')?.text() ?? 'volume';
  const own = FIELDS[type];
  if (!own) return service.unsupported(item, `a mount is bind, volume or tmpfs, not ${type}`);
  for (const [key, value] of item.entries())
    if (!COMMON.includes(key) && !key.startsWith('x-')) service.unsupported(value, `a ${type} has no such setting`);
  for (const [key, value] of item.child(type)?.entries() ?? [])
    if (!own.includes(key)) service.unsupported(value, `a ${type} has no such setting`);
  const target = item.child('target');
  if (!target) throw item.bad('it has no target');
  const source = item.child('source');
  const fields = [
    `type=${type}`,
    `target=${target.text()}`,
    ...(source && type !== 'tmpfs' ? [`source=${sourceOf(source.text(), source, service)}`] : []),
    ...(item.child('read_only')?.flag() ? ['readonly'] : []),
    ...ownFields(type, item.child(type), service),
  ];
  service.list('mount', item, [fields.map(commaField).join(',')]);
}

function ownFields(type: string, own: Node | undefined, service: ServiceBuilder): string[] {
  if (!own) return [];
  if (type === 'volume') return own.child('nocopy')?.flag() ? ['volume-nocopy'] : [];
  if (type === 'tmpfs') {
    const [size, mode] = [own.child('size'), own.child('mode')];
    // YAML has read an octal number; a text is one as it stands.
    const octal = typeof mode?.content === 'number' ? mode.content.toString(8) : mode?.text();
    return [...(size ? [`tmpfs-size=${size.text()}`] : []), ...(octal === undefined ? [] : [`tmpfs-mode=${octal}`])];
  }
  const create = own.child('create_host_path');
  if (create?.flag()) service.unsupported(create, 'no directory of the host is made by the way: mkdir -p');
  const [propagation, recursive] = [own.child('propagation'), own.child('recursive')];
  return [
    ...(propagation ? [`bind-propagation=${propagation.text()}`] : []),
    ...(recursive ? [`bind-recursive=${recursive.text()}`] : []),
  ];
}
