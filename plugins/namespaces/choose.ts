import type { Launch, NamespaceName } from '../../core/plugin/index.js';

const CHOSEN_BY_SPEC = ['uts', 'ipc', 'pid', 'cgroup', 'time'] as const satisfies readonly NamespaceName[];

/**
 * The namespaces that the user decides. The mount namespace is always there; `net` and `user` are
 * added by the drivers that own them.
 */
export function chooseNamespaces(launch: Launch): void {
  for (const name of CHOSEN_BY_SPEC) {
    if (launch.spec.namespaces[name] === 'private') launch.namespaces.add(name);
  }
}
