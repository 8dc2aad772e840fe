import { TsboxError } from '../plugin/error.js';
import type { Spec } from '../plugin/spec.js';
import type { ParsedSecret } from './parse/secret.js';
import { type Layer, Settings } from './settings.js';
import { resolveLife } from './spec/life.js';
import { resolveMounts, resolveShmSize } from './spec/mounts.js';
import { resolveNetwork } from './spec/network.js';
import { resolveProcess } from './spec/process.js';
import { resolveResources } from './spec/resources.js';
import { resolveSecrets } from './spec/secrets.js';
import { resolveDrivers, resolveNamespaces, resolveSecurity } from './spec/walls.js';

/** What defaults and checks depend on. */
export interface SpecHost {
  /** Root with CAP_SYS_ADMIN: no user namespace is needed. */
  readonly privileged: boolean;
  /** CPUs of the machine. */
  readonly cpus: number;
  /** Where `-e NAME` copies from. */
  readonly environment: NodeJS.ProcessEnv;
}

export interface SpecRequest {
  readonly image: string;
  readonly command: readonly string[];
  /** The nearest first: flags, environment, project file, user file. */
  readonly layers: readonly Layer[];
  /** Those of a service of an environment. */
  readonly secrets?: readonly ParsedSecret[];
}

/**
 * Merges, parses and checks everything that was asked for. It reads what the values name (an
 * env file, the source of a bind) and changes nothing.
 * @throws TsboxError naming the place, the value and a fix
 */
export function resolveSpec(request: SpecRequest, host: SpecHost): Spec {
  const settings = new Settings(request.layers);
  const { secrets, env } = resolveSecrets(settings, request.secrets ?? []);
  const program = resolveProcess(settings, host.environment);
  return {
    image: checkedImage(request.image),
    command: request.command.map(checkedArgument),
    ...program,
    // First, so that a variable that was set by name wins.
    env: [...env, ...program.env],
    ...(secrets.length > 0 && { secrets }),
    ...resolveLife(settings),
    namespaces: resolveNamespaces(settings),
    ...resolveDrivers(settings, host.privileged),
    mounts: resolveMounts(settings),
    shmSize: resolveShmSize(settings),
    network: resolveNetwork(settings),
    resources: resolveResources(settings, host.cpus),
    security: resolveSecurity(settings),
    origins: settings.origins(),
  };
}

function checkedImage(image: string): string {
  if (image !== '') return image;
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot use the image ""',
    why: 'its name is empty',
    fix: 'tsbox run host true',
  });
}

function checkedArgument(argument: string): string {
  if (!argument.includes('\0')) return argument;
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot pass the argument ${JSON.stringify(argument)}`,
    why: 'it has a NUL byte',
  });
}
