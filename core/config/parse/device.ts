import { statSync } from 'node:fs';
import type { DeviceSpec } from '../../plugin/spec.js';
import { badValue, type Found } from '../place.js';
import { parseTarget } from './target.js';

/** `/dev/x[:/dev/y][:rwm]`: a device of the host, where it is inside, and what is allowed. */
export function parseDevice(found: Found<string>): DeviceSpec {
  const [source = '', second, third, ...more] = found.value.split(':');
  if (more.length > 0) throw badValue(found, 'it is not /dev/x[:/dev/y][:rwm]');
  const secondIsAccess = second !== undefined && third === undefined && !second.startsWith('/');
  const target = secondIsAccess || second === undefined ? source : second;
  const access = (secondIsAccess ? second : third) ?? 'rwm';
  if (!/^[rwm]{1,3}$/.test(access) || new Set(access).size !== access.length) {
    throw badValue(found, `${JSON.stringify(access)} is not of r (read), w (write), m (mknod)`);
  }
  return { source: checkedDevice(found, source), target: parseTarget(found, target), access };
}

function checkedDevice(found: Found<string>, path: string): string {
  if (!path.startsWith('/')) throw badValue(found, 'the path on the host is not absolute');
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw badValue(found, `there is no ${path} on this host`, 'ls -l /dev');
  if (!stats.isCharacterDevice() && !stats.isBlockDevice())
    throw badValue(found, `${path} is not a device`, 'ls -l /dev');
  return path;
}
