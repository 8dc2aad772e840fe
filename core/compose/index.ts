/** compose files, turned into environments. What they ask for that there is not is listed by name. */
import { basename, dirname, resolve } from 'node:path';
import type { Layer } from '../config/settings.js';
import type { ResolvedEnvironment } from '../environments/types.js';
import { type Project, Unsupported } from './builder.js';
import { extended, servicesOf } from './extend.js';
import type { Variables } from './interpolate.js';
import { readNamedVolumes, readNetworks } from './networks.js';
import type { Node } from './node.js';
import { type ReadRequest, readComposeFile, variablesFor } from './read.js';
import { readService } from './service.js';

export { COMPOSE_FILES, findComposeFile } from './read.js';

export interface ComposeRequest {
  readonly file: string;
  /** Instead of the name that the file, COMPOSE_PROJECT_NAME or the directory gives. */
  readonly name?: string;
  readonly environment: Variables;
  readonly caller: ReadRequest['caller'];
  /** Defaults for every service, the nearest first: the environment, config files. */
  readonly layers: readonly Layer[];
  readonly onWarning?: (message: string) => void;
}

const TOP_LEVEL = ['version', 'name', 'services', 'networks', 'volumes', 'secrets'];

/** @throws TsboxError naming file and line */
export async function resolveCompose(request: ComposeRequest): Promise<ResolvedEnvironment> {
  const { caller, onWarning = () => {} } = request;
  const path = resolve(request.file);
  const variables = variablesFor(path, request.environment);
  const reading = { caller, variables, onWarning };
  const read = (file: string) => readComposeFile(file, reading);
  const file = await read(path);
  const unsupported = new Unsupported();
  for (const [key, value] of file.entries())
    if (!TOP_LEVEL.includes(key) && !key.startsWith('x-')) unsupported.add(value, 'there is no such part of a file');
  const services = servicesOf(file);
  if (services.size === 0) throw file.bad('it has no services');
  const project = readProject(file, projectName(request, file, variables), services, variables, unsupported);
  const resolved = [];
  for (const name of services.keys())
    resolved.push(readService(name, await extended(name, services, read), project, request.layers));
  return {
    name: project.name,
    file: path,
    directory: dirname(path),
    single: false,
    services: resolved,
    networks: [...project.networks.values()],
    volumes: [...project.volumes.values()],
    unsupported: unsupported.all,
  };
}

function readProject(
  file: Node,
  name: string,
  services: ReadonlyMap<string, Node>,
  variables: Variables,
  unsupported: Unsupported,
): Project {
  return {
    name,
    variables,
    services,
    unsupported,
    networks: readNetworks(file.child('networks'), name, unsupported),
    volumes: readNamedVolumes(file.child('volumes'), name, unsupported),
    secrets: readSecretFiles(file.child('secrets'), unsupported),
  };
}

function readSecretFiles(node: Node | undefined, unsupported: Unsupported): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, secret] of node?.entries() ?? []) {
    const file = secret.child('file');
    if (file) files.set(name, resolve(file.directory, file.text()));
    for (const [key, value] of secret.entries())
      if (key !== 'file' && key !== 'name' && !key.startsWith('x-')) unsupported.add(value, 'a secret is a file');
  }
  return files;
}

/** As compose makes one: lower case, of letters, digits, "_" and "-". */
function projectName({ name, environment }: ComposeRequest, file: Node, variables: Variables): string {
  const given = name ?? environment.COMPOSE_PROJECT_NAME ?? variables.COMPOSE_PROJECT_NAME;
  const written = file.child('name');
  const chosen = given || written?.text() || basename(file.directory);
  const made = chosen
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
  if (made.length > 1) return made;
  throw (written ?? file).bad(`"${chosen}" cannot be the name of a project`, 'name: shop');
}
