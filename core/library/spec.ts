import { availableParallelism } from 'node:os';
import type { LoadedConfig } from '../config/load-config.js';
import { secretFields } from '../config/parse/secret.js';
import { resolveSpec, type SpecRequest } from '../config/resolve-spec.js';
import type { RunSettings } from '../config/run-options.js';
import type { Layer } from '../config/settings.js';
import type { Engine } from '../engine/index.js';
import type { ResolvedService } from '../environments/types.js';
import { TsboxError } from '../plugin/error.js';
import type { Spec } from '../plugin/spec.js';
import type { EnvironmentBoxOptions, EnvironmentDetachedOptions } from './options.js';

/** What is farther than the options of a call. */
export interface SpecDefaults {
  /** Of the engine. */
  readonly values: RunSettings;
  readonly config?: LoadedConfig;
  /** Of an environment, with all that it says. */
  readonly service?: ResolvedService;
  /** What holds where nothing else is said. */
  readonly last?: RunSettings;
}

/** The merged and checked spec of a call. @throws TsboxError */
export function specOf(
  options: EnvironmentBoxOptions | EnvironmentDetachedOptions,
  defaults: SpecDefaults,
  engine: Engine,
): Spec {
  const host = { privileged: engine.host.privileged, cpus: availableParallelism(), environment: process.env };
  return resolveSpec(requestOf(options, defaults), host);
}

function requestOf(options: EnvironmentBoxOptions, { values, config, service, last }: SpecDefaults): SpecRequest {
  const {
    image = service?.image,
    command = service?.command ?? [],
    secrets = {},
    stdio: _,
    trace: __,
    onTrace: ___,
    signal: ____,
    timeout: _____,
    patienceMs: ______,
    ...settings
  } = options;
  if (image === undefined) throw noImage();
  const secret = [...(settings.secret ?? []), ...secretFields(secrets)];
  const own: RunSettings = { ...settings, ...(secret.length > 0 && { secret }) };
  // A list of a call replaces that of the engine, and adds to those of files.
  const layers = service
    ? [layer(own), ...service.layers, layer(values)]
    : [layer({ ...values, ...own }), ...(config?.layers ?? [])];
  return {
    image,
    command,
    layers: [...layers, ...(last ? [layer(last)] : [])],
    ...(service && { secrets: service.secrets }),
  };
}

function layer(values: RunSettings): Layer {
  return { kind: 'library', directory: process.cwd(), values };
}

function noImage(): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot run a container',
    why: 'it has no image',
    fix: "engine.run({ image: 'host' })",
  });
}
