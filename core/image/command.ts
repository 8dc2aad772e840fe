import { posix } from 'node:path';
import { TsboxError } from '../plugin/error.js';
import type { ResolvedImage } from '../plugin/image.js';
import type { Command } from '../plugin/launch.js';
import type { Spec } from '../plugin/spec.js';
import { resolveUser } from './passwd.js';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The part of a spec that decides what is executed, and as whom. */
export type CommandSpec = Pick<Spec, 'command' | 'entrypoint' | 'env' | 'workdir' | 'user' | 'groups' | 'tty'>;

/**
 * Joins what the user asked for with the image's config (image-spec config.md).
 * @throws TsboxError when there is no command, the user is unknown, or a value cannot be used
 */
export function resolveCommand(spec: CommandSpec, image: ResolvedImage, hostname: string): Command {
  const argv = resolveArgv(spec, image);
  const cwd = resolveCwd(spec.workdir, image.config.workdir);
  const user = resolveUser(spec.user || image.config.user, spec.groups, (path) => image.readFile(path));
  const env = resolveEnv(spec, image, { hostname, home: user.home });
  for (const text of [...argv, ...env, cwd]) refuseNul(text);
  return { argv, env, cwd, uid: user.uid, gid: user.gid, groups: user.groups };
}

/** The image's command belongs to the image's entrypoint: a replaced entrypoint drops both. */
function resolveArgv(spec: CommandSpec, image: ResolvedImage): string[] {
  const entrypoint = spec.entrypoint ?? image.config.entrypoint;
  const imageCmd = spec.entrypoint === undefined ? image.config.cmd : [];
  const argv = [...entrypoint, ...(spec.command.length > 0 ? spec.command : imageCmd)];
  if (argv.length > 0) return argv;
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: 'No command specified',
    why:
      spec.entrypoint !== undefined
        ? 'the entrypoint was cleared'
        : `the image ${image.reference} has no command of its own`,
    fix: `tsbox run ${image.reference} COMMAND`,
  });
}

function resolveEnv(spec: CommandSpec, image: ResolvedImage, own: { hostname: string; home: string }): string[] {
  const env = new Map([
    ['PATH', DEFAULT_PATH],
    ['HOSTNAME', own.hostname],
  ]);
  if (spec.tty) env.set('TERM', 'xterm');
  for (const pair of image.config.env) setPair(env, pair);
  for (const pair of spec.env) {
    if (!setPair(env, pair)) throw badVariable(pair);
  }
  if (!env.has('HOME')) env.set('HOME', own.home);
  return [...env].map(([key, value]) => `${key}=${value}`);
}

function setPair(env: Map<string, string>, pair: string): boolean {
  const equals = pair.indexOf('=');
  if (equals < 1) return false;
  env.set(pair.slice(0, equals), pair.slice(equals + 1));
  return true;
}

function resolveCwd(asked: string | undefined, imageWorkdir: string): string {
  // An image's workdir is data of somebody else: what is relative in it starts at the root.
  if (!asked) return withoutSlash(posix.resolve('/', imageWorkdir));
  if (posix.isAbsolute(asked)) return withoutSlash(posix.normalize(asked));
  throw new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: 'cannot use the working directory',
    why: `the working directory '${asked}' is invalid, it needs to be an absolute path`,
    fix: `-w /${asked}`,
  });
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function badVariable(pair: string): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: 'cannot set an environment variable',
    why: `${JSON.stringify(pair)} is not of the form NAME=VALUE`,
    fix: '-e NAME=VALUE',
  });
}

function refuseNul(text: string): void {
  if (!text.includes('\0')) return;
  throw new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: 'cannot use the command',
    why: `there is a NUL byte in ${JSON.stringify(text)}`,
  });
}
