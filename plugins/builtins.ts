import type { PluginSource } from '../core/plugin/index.js';

type Module = { readonly default: Awaited<ReturnType<PluginSource['load']>> };

function builtin(name: string, load: () => Promise<Module>, drivers?: PluginSource['drivers']): PluginSource {
  return { name, load: async () => (await load()).default, ...(drivers && { drivers }) };
}

/**
 * What is built in, in the order in which hooks run. `auto` takes the first driver of a kind that works.
 * Imports are lazy: a launch loads what it uses.
 */
export const builtins: readonly PluginSource[] = [
  builtin('namespaces', () => import('./namespaces/index.js')),
  builtin('user-map', () => import('./user-map/index.js'), { userns: ['host', 'auto', 'range'] }),
  builtin('storage-overlay', () => import('./storage-overlay/index.js'), { storage: ['overlay'] }),
  builtin('storage-copy', () => import('./storage-copy/index.js'), { storage: ['copy'] }),
  builtin('cgroup-v2', () => import('./cgroup-v2/index.js'), { resources: ['cgroup-v2'] }),
  builtin('cgroup-v1', () => import('./cgroup-v1/index.js'), { resources: ['cgroup-v1'] }),
  builtin('resources-none', () => import('./resources-none/index.js'), { resources: ['none'] }),
  builtin('security-none', () => import('./security-none/index.js'), { security: ['none'] }),
  builtin('mounts', () => import('./mounts/index.js')),
  // After the mounts: a child prepares those while it is being connected.
  builtin('net-bridge', () => import('./net-bridge/index.js'), { network: ['bridge'] }),
  builtin('net-none', () => import('./net-none/index.js'), { network: ['none'] }),
  builtin('net-host', () => import('./net-host/index.js'), { network: ['host'] }),
  builtin('net-container', () => import('./net-container/index.js'), { network: ['container'] }),
  builtin('sandbox', () => import('./sandbox/index.js')),
];
