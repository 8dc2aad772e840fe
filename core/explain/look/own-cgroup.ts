import type { HostLook } from './host-look.js';

/** A file of the cgroup that this process is in, or of the nearest above it that has it. */
export function ownCgroupFile(host: HostLook, controller: string, file: string): { path: string } | undefined {
  for (const line of host.read('/proc/self/cgroup')?.split('\n') ?? []) {
    const [, controllers = '', own = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const v2 = controllers === '';
    if (!v2 && !controllers.split(',').includes(controller)) continue;
    const mount = host
      .mounts()
      .find(({ type, options }) => (v2 ? type === 'cgroup2' : type === 'cgroup' && options.includes(controller)));
    if (!mount) continue;
    const below = own.startsWith(mount.root) && mount.root !== '/' ? own.slice(mount.root.length) : own;
    for (let at = below; ; at = at.slice(0, at.lastIndexOf('/'))) {
      const path = `${mount.target}${at === '/' ? '' : at}/${file}`;
      const text = host.read(path);
      if (text !== undefined && text !== 'max') return { path };
      if (at === '' || at === '/') break;
    }
  }
  return undefined;
}
