import { readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type MountEntry, parseMountinfo } from './mountinfo.js';

/** Looks at the host; none of them throws, and none changes anything. */
export interface HostLook {
  /** A file's text, trimmed. */
  read(path: string): string | undefined;
  /** Of the nearest directory that is there. */
  statfs(path: string): { readonly type: number; readonly files: number; readonly ffree: number } | undefined;
  mounts(): readonly MountEntry[];
  /** The mount that a path is on. */
  mountOf(path: string): MountEntry | undefined;
}

/** The host as it is now. The mount table is read once: it is long where it matters. */
export class RealHostLook implements HostLook {
  #mounts: readonly MountEntry[] | undefined;

  read(path: string): string | undefined {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      return undefined;
    }
  }

  statfs(path: string) {
    for (let at = path; ; at = dirname(at)) {
      try {
        const { type, files, ffree } = statfsSync(at);
        return { type: Number(type) >>> 0, files: Number(files), ffree: Number(ffree) };
      } catch {
        if (dirname(at) === at) return undefined;
      }
    }
  }

  mounts(): readonly MountEntry[] {
    this.#mounts ??= parseMountinfo(this.read('/proc/self/mountinfo') ?? '');
    return this.#mounts;
  }

  mountOf(path: string): MountEntry | undefined {
    const covers = ({ target }: MountEntry) => path === target || target === '/' || path.startsWith(`${target}/`);
    // Of several at the same place the last one is seen.
    return this.mounts().reduce<MountEntry | undefined>(
      (best, mount) => (covers(mount) && mount.target.length >= (best?.target.length ?? 0) ? mount : best),
      undefined,
    );
  }
}

/** A number of /proc or of a cgroup; undefined for `max` and for what is not there. */
export function readNumber(host: HostLook, path: string): number | undefined {
  const text = host.read(path);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** A soft limit of this process by its name in /proc/self/limits; undefined: unlimited. */
export function softLimit(host: HostLook, name: string): number | undefined {
  const line = host
    .read('/proc/self/limits')
    ?.split('\n')
    .find((each) => each.startsWith(`${name} `));
  const value = line?.slice(name.length).trim().split(/\s+/)[0];
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}
