import { original } from './host-calls.js';

/** What one tsbox state must not have when no container of it is left. */
export interface Places {
  readonly root: string;
  readonly runroot: string;
}

/**
 * All that a launch can leave, looked at quickly: the leak fixture looks at everything, once per file.
 * @param linksBefore undefined where somebody else may make links meanwhile
 */
export function leftOf({ root, runroot }: Places, ids: Iterable<string>, linksBefore?: readonly string[]): string[] {
  return [
    ...below(`${root}/containers`),
    ...below(`${root}/names`),
    ...below(`${runroot}/journal`),
    ...below(`${runroot}/net`),
    ...below(`${runroot}/userns`),
    ...cgroups(ids),
    ...(linksBefore ? links().filter((name) => !linksBefore.includes(name)) : []),
    ...mounts([root, runroot]),
  ];
}

/** Processes of containers that run, but for those whose engine is another process and lives. */
export function runningChildren(): string[] {
  return names('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? containerProcess(pid) : []));
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

/** Network links of this namespace. */
export function links(): string[] {
  return names('/proc/sys/net/ipv4/conf');
}

function mounts(places: readonly string[]): string[] {
  return text('/proc/self/mountinfo')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .filter((target) => places.some((place) => target.startsWith(`${place}/`)));
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
