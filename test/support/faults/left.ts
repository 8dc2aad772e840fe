import { original } from './host-calls.js';

/** What one tsbox state must not have when no container of it is left. */
export interface Places {
  readonly root: string;
  readonly runroot: string;
}

/** What is on the host by name, as far as it can be looked at a thousand times. */
export interface HostState {
  readonly links: readonly string[];
  readonly mounts: readonly string[];
  readonly loops: readonly string[];
}

/** Looked at quickly: the leak snapshot looks at everything, once per suite. */
export function hostState(): HostState {
  return { links: links(), mounts: mounts(), loops: loops() };
}

/**
 * All that a launch can leave.
 * @param before undefined where somebody else may change the host meanwhile
 */
export function leftOf({ root, runroot }: Places, ids: Iterable<string>, before?: HostState): string[] {
  return [
    ...below(`${root}/containers`),
    ...below(`${root}/names`),
    ...below(`${runroot}/journal`),
    ...below(`${runroot}/net`),
    ...below(`${runroot}/userns`),
    ...cgroups(ids),
    ...(before ? newOf('link', links(), before.links) : []),
    ...(before ? newOf('mount', mounts(), before.mounts) : mounts().filter((path) => isBelow(path, [root, runroot]))),
    ...(before ? newOf('loop device', loops(), before.loops) : []),
  ];
}

/**
 * Processes of containers that run, but for those whose engine is another process and lives.
 * @param before those that have nothing to do with this
 */
export function runningChildren(before: readonly string[] = []): string[] {
  const found = names('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? containerProcess(pid) : []));
  return found.filter((line) => !before.includes(line));
}

function containerProcess(pid: string): string[] {
  const status = text(`/proc/${pid}/status`);
  if (!status || /^State:\s+[ZX]/m.test(status)) return [];
  const command = text(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
  const isOurs = command === 'tsbox' || command.includes('=end=');
  const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1] ?? '0';
  if (text(`/proc/${parent}/cmdline`).includes('/cli.cjs')) return [];
  return isOurs ? [`process ${pid} ${command.slice(0, 40)}`] : [];
}

function cgroups(ids: Iterable<string>): string[] {
  const hierarchies = names('/sys/fs/cgroup').map((name) => `/sys/fs/cgroup/${name}`);
  return [...ids].flatMap((id) =>
    hierarchies.map((path) => `${path}/tsbox/${id}`).filter((path) => original.existsSync(path)),
  );
}

function newOf(what: string, now: readonly string[], before: readonly string[]): string[] {
  return now.filter((name) => !before.includes(name)).map((name) => `${what} ${name}`);
}

/** Network links of this namespace. */
function links(): string[] {
  return names('/proc/sys/net/ipv4/conf');
}

/** Where something is mounted; a place stands there as often as something is. */
function mounts(): string[] {
  const seen = new Map<string, number>();
  return text('/proc/self/mountinfo')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map((target) => {
      const count = (seen.get(target) ?? 0) + 1;
      seen.set(target, count);
      return count === 1 ? target : `${target} (${count})`;
    });
}

/** They belong to the machine: those with a file that is not seen from here are somebody else's. */
function loops(): string[] {
  return names('/sys/block').flatMap((name) => {
    const file = text(`/sys/block/${name}/loop/backing_file`).trim();
    return file && original.existsSync(file) ? [`${name} ${file}`] : [];
  });
}

function isBelow(path: string, places: readonly string[]): boolean {
  return places.some((place) => path.startsWith(`${place}/`));
}

function below(directory: string): string[] {
  return names(directory).map((name) => `${directory}/${name}`);
}

function names(directory: string): string[] {
  try {
    return original.readdirSync(directory);
  } catch {
    return [];
  }
}

function text(path: string): string {
  try {
    return original.readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
