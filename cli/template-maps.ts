/** Keys whose values are maps in docker's objects: a template may ask for what is not in them. */
const MAPS = new Set([
  'Attributes',
  'Containers',
  'Drivers',
  'ExposedPorts',
  'Facts',
  'Labels',
  'Networks',
  'Options',
  'Origins',
  'PortBindings',
  'Ports',
  'Tmpfs',
]);

/** docker's object as templates want it: see core/template/values.ts. */
export function withMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMaps);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, asMap(key, withMaps(inner))]);
  return Object.fromEntries(entries);
}

function asMap(key: string, value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && MAPS.has(key) ? new Map(Object.entries(value)) : value;
}
