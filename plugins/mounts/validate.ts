import { statSync } from 'node:fs';
import { type Launch, type MountSpec, TsboxError } from '../../core/plugin/index.js';
import { checkSecrets } from './secret-files.js';
import { SECRETS_DIRECTORY, scattered } from './secrets.js';

/** Of /proc what programs such as lxcfs stand in for; anything else there could mislead our own checks. */
const REPLACEABLE = ['cpuinfo', 'diskstats', 'loadavg', 'meminfo', 'slabinfo', 'stat', 'swaps', 'uptime'];

/** Refuses mounts that cannot be made as asked. @throws TsboxError */
export function validateMounts(launch: Launch): void {
  const seen = new Set<string>();
  for (const mount of launch.spec.mounts) {
    checkTarget(mount.target);
    if (seen.has(mount.target)) throw refused(mount.target, 'two mounts have this target', 'leave one of them out');
    seen.add(mount.target);
    if (mount.type === 'bind') checkBind(mount, launch);
  }
  for (const { target } of launch.spec.resources.devices) checkTarget(target);
  for (const target of secretTargets(launch)) {
    checkTarget(target);
    if (seen.has(target)) throw refused(target, 'a secret has this target too', 'leave one of them out');
  }
  checkSecrets(launch);
}

function secretTargets({ spec: { secrets = [] } }: Launch): string[] {
  const others = scattered(secrets);
  return [...others.map(({ target }) => target), ...(others.length < secrets.length ? [SECRETS_DIRECTORY] : [])];
}

function checkTarget(target: string): void {
  if (!target.startsWith('/') || target === '/')
    throw refused(target, 'a target is an absolute path below /', '-v /host/path:/path');
  if (target.split('/').includes('..')) throw refused(target, 'a target has no ".."', 'write the path without it');
  const [first, second, ...rest] = target.split('/').filter((name) => name !== '');
  if (first !== 'proc') return;
  if (second !== undefined && rest.length === 0 && REPLACEABLE.includes(second)) return;
  throw refused(target, "/proc is the container's own", `of /proc only ${REPLACEABLE.join(', ')} can be replaced`);
}

function checkBind(mount: Extract<MountSpec, { type: 'bind' }>, { host, spec }: Launch): void {
  const { source, target, propagation } = mount;
  if (!source.startsWith('/'))
    throw refused(target, `the source ${JSON.stringify(source)} is not an absolute path`, '-v "$PWD/dir:/dir"');
  if (!statSync(source, { throwIfNoEntry: false }))
    throw refused(target, `there is no ${source} on the host`, `mkdir -p ${source}`);
  if (propagation === undefined || propagation === 'private') return;
  // Mounts of a less privileged mount namespace never reach back, and come from one that was made private.
  if (!host.privileged || spec.drivers.userns !== 'host') {
    throw refused(
      target,
      `propagation "${propagation}" needs the host's user namespace`,
      'leave it out, or run as root with --userns=host',
    );
  }
}

function refused(target: string, why: string, fix: string): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', { what: `cannot mount on ${target}`, why, fix });
}
