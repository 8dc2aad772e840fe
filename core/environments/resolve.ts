import { TsboxError } from '../plugin/error.js';
import type { JsonObject } from '../plugin/launch.js';
import { type Contribution, contributionsOf } from './contributions.js';
import { type Definition, findDefinition } from './definition.js';
import { completeDependencies } from './dependencies.js';
import { withExtended } from './extends.js';
import { Origins } from './origins.js';
import { refusal } from './refusal.js';
import { resolveSecrets } from './secrets.js';
import { nearestOf, resolveCommand, resolveImage, resolveReadiness, wantedServices } from './service-parts.js';
import type { EnvironmentRequest, Source } from './source.js';
import { environmentSources, nearSources, runSources, toLayer } from './sources.js';
import type { ResolvedEnvironment, ResolvedService } from './types.js';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/;

/**
 * Everything about an environment: what it extends is read, the services are complete, and what names
 * something else was looked up. Nothing is changed. @throws TsboxError with file and line
 */
export async function resolveEnvironment(name: string, request: EnvironmentRequest): Promise<ResolvedEnvironment> {
  const definition = findDefinition(name, request.config);
  const chain = await withExtended(definition, request.caller);
  await checkName(name, 'environment', definition, definition.path);
  const names = serviceNames(chain);
  if (names.length > 0) await refuseSharedName(chain);
  const drafts: Draft[] = [];
  for (const service of names) drafts.push(await resolveService(service, chain, request));
  if (names.length === 0) drafts.push(await resolveService(undefined, chain, request));
  const services = await completeDependencies(name, drafts);
  const description = chain.find(({ value }) => value.description !== undefined)?.value.description;
  return {
    name,
    ...(description !== undefined && { description }),
    file: definition.file,
    directory: definition.directory,
    single: names.length === 0,
    services,
    driverOptions: driverOptionsOf(chain),
    unsupported: [],
  };
}

/** A service, and what it says that only the others tell the meaning of. */
interface Draft {
  readonly service: ResolvedService;
  readonly wanted: ReadonlyMap<string, Contribution>;
}

/** Own ones first, in the file's order, then those that only an extended environment has. */
function serviceNames(chain: readonly Definition[]): string[] {
  return [...new Set(chain.flatMap(({ value }) => Object.keys(value.services ?? {})))];
}

/** What is said for a service, the nearest first. */
export function sourcesOf(
  chain: readonly Definition[],
  service: string | undefined,
  request: EnvironmentRequest,
): Source[] {
  return [...nearSources(request), ...environmentSources(chain, service), ...runSources(request)];
}

async function resolveService(
  service: string | undefined,
  chain: readonly Definition[],
  request: EnvironmentRequest,
): Promise<Draft> {
  const [definition] = chain as [Definition];
  const name = service ?? (definition.name as string);
  const path = [...definition.path, ...(service === undefined ? [] : ['services', service])];
  if (service !== undefined) await checkName(service, 'service', definition, path);
  const sources = sourcesOf(chain, service, request);
  const contributions = sources.flatMap(contributionsOf);
  const origins = new Origins(request.directory, request.positions ?? false);
  const image = nearestOf(contributions, 'image');
  if (!image) throw await noImage(name, definition, path);
  const command = nearestOf(contributions, 'command');
  const ready = nearestOf(contributions, 'ready');
  const profiles = nearestOf(contributions, 'profiles')?.value as readonly string[] | undefined;
  const resolved: ResolvedService = {
    name,
    image: resolveImage(image),
    command: command ? await resolveCommand(command) : [],
    layers: sources.map(toLayer),
    secrets: await resolveSecrets(contributions, origins),
    dependsOn: new Map(),
    ...(ready && { ready: await resolveReadiness(ready) }),
    profiles: profiles ?? [],
    origins: await origins.nearest(contributions),
  };
  return { service: resolved, wanted: wantedServices(contributions) };
}

async function noImage(name: string, { file }: Definition, path: readonly string[]): Promise<TsboxError> {
  return refusal(`cannot resolve ${JSON.stringify(name)}`, {
    file,
    path,
    why: 'neither it nor what it extends has an image',
    fix: 'image: host is this machine itself',
  });
}

async function checkName(name: string, what: string, { file }: Definition, path: readonly string[]): Promise<void> {
  if (NAME.test(name)) return;
  const why = 'only [a-zA-Z0-9][a-zA-Z0-9_.-]* is allowed, 63 characters at most';
  throw await refusal(`cannot use the name ${JSON.stringify(name)} for ${what === 'service' ? 'a' : 'an'} ${what}`, {
    file,
    path,
    why,
  });
}

/** A container's name is no default for several of them. */
async function refuseSharedName(chain: readonly Definition[]): Promise<void> {
  const found = chain.find(({ value }) => value.name !== undefined);
  if (!found) return;
  throw await refusal('cannot name all services alike', {
    file: found.file,
    path: [...found.path, 'name'],
    why: 'a key beside "services" is a default of every one of them',
    fix: 'name one service: services.NAME.name',
  });
}

/** Option by option, the nearest wins. */
function driverOptionsOf(chain: readonly Definition[]): Record<string, JsonObject> {
  const options: Record<string, JsonObject> = {};
  for (const { value } of chain.toReversed()) {
    for (const [driver, own] of Object.entries(value.driverOptions ?? {})) {
      options[driver] = { ...options[driver], ...(own as JsonObject) };
    }
  }
  return options;
}

/** One service of an environment: the only one, or the one of that name. @throws TsboxError naming those that there are */
export function serviceOf(
  { name, services, single }: ResolvedEnvironment,
  service: string | undefined,
): ResolvedService {
  const names = services.map((one) => one.name);
  const found =
    service === undefined && names.length === 1 ? services[0] : services.find((one) => one.name === service);
  if (found && !(single && service !== undefined && service !== name)) return found;
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot run @${name}${service === undefined ? '' : `/${service}`}`,
    why: service === undefined ? `it has ${names.length} services` : `it has no such service`,
    fix: names.map((one) => (single ? `@${name}` : `@${name}/${one}`)),
  });
}
