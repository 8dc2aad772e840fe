import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolveSpec } from '../config/resolve-spec.js';
import type { RunSettings } from '../config/run-options.js';
import { Settings } from '../config/settings.js';
import type { ResolvedEnvironment, ResolvedService, ServiceNetwork } from '../environments/types.js';
import type { Spec } from '../plugin/spec.js';
import { LABELS, serviceLabels } from './labels.js';
import { ownNetworkName } from './networks.js';
import type { SelectedService } from './select.js';

/** A service whose container can be made: everything that was asked for has been parsed and checked. */
export interface PreparedService extends SelectedService {
  readonly name: string;
  /** Of the container. */
  readonly containerName: string;
  readonly spec: Spec;
  readonly fingerprint: string;
  /** Networks that are not always there. */
  readonly networks: readonly string[];
}

export interface PrepareHost {
  readonly privileged: boolean;
  /** Names of the network drivers: each has a network of that name. */
  readonly networkDrivers: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** Turns what was resolved into a spec. It changes nothing. @throws TsboxError */
export function prepareService(
  environment: ResolvedEnvironment,
  selected: SelectedService,
  host: PrepareHost,
): PreparedService {
  const { service } = selected;
  const settings = new Settings(service.layers);
  const containerName = settings.one('name')?.value ?? defaultName(environment, service);
  const networks = networksOf(environment, service, settings, host);
  const own: RunSettings = {
    name: containerName,
    rm: false,
    ...networkSettings(service, networks, host),
  };
  const layers = [{ kind: 'library' as const, directory: environment.directory, values: own }, ...service.layers];
  const request = { image: service.image, command: service.command, layers, secrets: service.secrets };
  const { privileged, environment: variables } = host;
  const plain = resolveSpec(request, { privileged, cpus: availableParallelism(), environment: variables });
  const resolved = withNetworks(plain, networks.slice(1));
  const fingerprint = fingerprintOf(resolved, service);
  const labels = { ...resolved.labels, ...serviceLabels(environment, service), [LABELS.fingerprint]: fingerprint };
  const made = networks.map(({ network }) => network).filter((network) => isMade(network, host));
  return {
    ...selected,
    name: service.name,
    containerName,
    spec: { ...resolved, labels },
    fingerprint,
    networks: made,
  };
}

function defaultName(environment: ResolvedEnvironment, { name }: ResolvedService): string {
  return environment.single ? environment.name : `${environment.name}-${name}`;
}

/** The networks that it is on by choice of ours or of its file; none where a setting says which. */
function networksOf(
  environment: ResolvedEnvironment,
  { networks }: ResolvedService,
  settings: Settings,
  { privileged, networkDrivers }: PrepareHost,
): readonly ServiceNetwork[] {
  if (networks) return networks;
  const chosen = settings.one('network')?.value;
  if (chosen !== undefined) return [{ network: chosen, aliases: [] }];
  // An ordinary user has no bridge: the default of `run` stays.
  return privileged ? [{ network: ownNetworkName(environment.name, networkDrivers), aliases: [] }] : [];
}

function networkSettings(
  { name }: ResolvedService,
  [first]: readonly ServiceNetwork[],
  host: PrepareHost,
): RunSettings {
  if (!first) return {};
  const named = isMade(first.network, host) ? [...new Set([name, ...first.aliases])] : [];
  return {
    network: first.network,
    ...(named.length > 0 && { networkAlias: named }),
    ...(first.ip !== undefined && { ip: first.ip }),
  };
}

/** Names of containers resolve on networks that were made. */
function isMade(network: string, { networkDrivers }: PrepareHost): boolean {
  return network !== 'auto' && !networkDrivers.includes(network.split(':')[0] as string);
}

function withNetworks(spec: Spec, further: readonly ServiceNetwork[]): Spec {
  if (further.length === 0) return spec;
  const own = spec.network.aliases;
  const added = further.map(({ network, aliases, ip }) => ({
    network,
    aliases: [...new Set([...own.slice(0, 1), ...aliases])],
    ...(ip !== undefined && { ip }),
  }));
  return { ...spec, network: { ...spec.network, further: added } };
}

/** Where a value came from changes nothing; what a secret says does. */
function fingerprintOf({ origins: _, ...spec }: Spec, { secrets }: ResolvedService): string {
  const hash = createHash('sha256').update(JSON.stringify(spec));
  for (const { name, file, target, mode, env } of secrets) {
    hash.update(JSON.stringify([name, target, mode, env])).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 32);
}
