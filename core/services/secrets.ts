import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedService } from '../environments/types.js';
import type { MountSpec, Spec } from '../plugin/spec.js';
import { environmentDirectory } from './lock.js';

/** Where the copies of a service's secrets are: in memory, where only their owner looks. */
function secretsDirectory(runroot: string, environment: string, service: string): string {
  return join(environmentDirectory(runroot, environment), service);
}

/** The spec with the secrets bound where they are wanted. */
export function withSecrets(
  spec: Spec,
  runroot: string,
  environment: string,
  { name, secrets }: ResolvedService,
): Spec {
  if (secrets.length === 0) return spec;
  const directory = secretsDirectory(runroot, environment, name);
  const mounts = secrets.map(
    ({ name: secret, target }): MountSpec => ({
      type: 'bind',
      source: join(directory, secret),
      target,
      readOnly: true,
      recursive: false,
    }),
  );
  const env = secrets.flatMap(({ env: variable, target }) => (variable === undefined ? [] : [`${variable}=${target}`]));
  return { ...spec, mounts: [...spec.mounts, ...mounts], env: [...spec.env, ...env] };
}

/** Copies them: a container that runs keeps those that it has. */
export function stageSecrets(runroot: string, environment: string, { name, secrets }: ResolvedService): void {
  const directory = secretsDirectory(runroot, environment, name);
  for (const { name: secret, file, mode } of secrets) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const temporary = join(directory, `.${secret}`);
    rmSync(temporary, { force: true });
    copyFileSync(file, temporary);
    chmodSync(temporary, mode);
    renameSync(temporary, join(directory, secret));
  }
}

export function removeSecrets(runroot: string, environment: string, service: string): void {
  rmSync(secretsDirectory(runroot, environment, service), { recursive: true, force: true });
}
