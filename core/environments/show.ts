import { definitionsOf, findDefinition } from './definition.js';
import { withExtended } from './extends.js';
import { merged } from './merge.js';
import { resolveEnvironment } from './resolve.js';
import type { EnvironmentRequest, Source } from './source.js';
import { configSources, environmentSources, nearSources, runSources } from './sources.js';
import type { ResolvedService } from './types.js';

/** All that the config files come to, as a config file would say it. Secrets are named, never read. */
export async function showConfig(request: EnvironmentRequest): Promise<Record<string, unknown>> {
  const environments: Record<string, unknown> = {};
  for (const name of definitionsOf(request.config).keys()) environments[name] = await showEnvironment(name, request);
  const run = merged([...nearSources(request), ...runSources(request)]);
  return {
    ...merged(configSources(request)),
    ...(Object.keys(run).length > 0 && { run }),
    ...(Object.keys(environments).length > 0 && { environments }),
  };
}

/** One environment with all that it extends, the defaults of `run`, variables and flags. */
export async function showEnvironment(name: string, request: EnvironmentRequest): Promise<Record<string, unknown>> {
  const resolved = await resolveEnvironment(name, request);
  const chain = await withExtended(findDefinition(name, request.config), request.caller);
  const { description, services, single, driverOptions = {} } = resolved;
  const all = (service: string | undefined): Source[] => [
    ...nearSources(request),
    ...environmentSources(chain, service),
    ...runSources(request),
  ];
  const bodies = services.map((service) => [
    service.name,
    body(service, merged(all(single ? undefined : service.name))),
  ]);
  const [only] = bodies;
  return {
    ...(description !== undefined && { description }),
    ...(Object.keys(driverOptions).length > 0 && { driverOptions }),
    ...(single ? (only?.[1] as object) : { services: Object.fromEntries(bodies) }),
  };
}

/** What was looked up stands in for what was written. */
function body(service: ResolvedService, values: Record<string, unknown>): Record<string, unknown> {
  const {
    description: _,
    driverOptions: __,
    image: ___,
    command: ____,
    secrets: _____,
    dependsOn: ______,
    ...rest
  } = values;
  const { image, command, secrets, dependsOn } = service;
  const shown = secrets.map(({ name, file, target, env, mode }) => {
    const octal = `0${mode.toString(8).padStart(3, '0')}`;
    return [name, { file, target, ...(env !== undefined && { env }), mode: octal }];
  });
  return {
    image,
    ...(command.length > 0 && { command }),
    ...rest,
    ...(shown.length > 0 && { secrets: Object.fromEntries(shown) }),
    ...(dependsOn.size > 0 && { dependsOn: Object.fromEntries(dependsOn) }),
  };
}
