import { environmentLayer } from '../config/environment.js';
import { RUN_KEYS, type RunSettings } from '../config/run-options.js';
import type { Layer } from '../config/settings.js';
import type { Definition } from './definition.js';
import type { EnvironmentRequest, Source } from './source.js';

/** What is nearer than any environment: flags, then variables. */
export function nearSources({ flags, environment, directory }: EnvironmentRequest): Source[] {
  const layers = [...(flags ? [flags] : []), environmentLayer(environment, directory)];
  return layers.map((layer) => ({ ...layer, path: [], values: { ...layer.values } }));
}

/** What an environment says for a service: first all that was said of that service, then of every one. */
export function environmentSources(chain: readonly Definition[], service: string | undefined): Source[] {
  const common = chain.map((one) => source(one, one.path, { ...one.value }));
  if (service === undefined) return common;
  const own = chain.flatMap((one) => {
    const values = one.value.services?.[service];
    return values ? [source(one, [...one.path, 'services', service], { ...values })] : [];
  });
  return [...own, ...common];
}

function source({ file, directory }: Definition, path: readonly string[], values: Source['values']): Source {
  return { kind: 'file', file, directory, path, values };
}

/** The defaults of `run` in the config files, and the drivers beside them. */
export function runSources({ config }: Pick<EnvironmentRequest, 'config'>): Source[] {
  return config.sources.flatMap(({ file, directory, config: { run = {}, storage, network, resources, userns } }) => {
    const place = { kind: 'file' as const, file, directory };
    const drivers = { storage, network, resources, userns };
    return [
      { ...place, path: ['run'], values: { ...run } },
      { ...place, path: [], values: drivers },
    ];
  });
}

/** A source as settings of `run`: only those, of all that it has. */
export function toLayer({ kind, file, directory, path, values }: Source): Layer {
  const settings = RUN_KEYS.filter((key) => values[key] !== undefined).map((key) => [key, values[key]]);
  const own: RunSettings = Object.fromEntries(settings);
  return { kind, directory, values: own, ...(file !== undefined && { file, section: path }) };
}

const CONFIG_KEYS = ['root', 'runroot', 'plugins', 'driverOptions', 'pluginOptions'] as const;

/** What the config files say beside `run` and environments, and where state is kept for other reasons. */
export function configSources({ config, environment, directory, flags }: EnvironmentRequest): Source[] {
  const { TSBOX_ROOT: root, TSBOX_RUNROOT: runroot } = environment;
  const files = config.sources.map((source): Source => {
    const values = Object.fromEntries(CONFIG_KEYS.map((key) => [key, source.config[key]]));
    return { kind: 'file', file: source.file, directory: source.directory, path: [], values };
  });
  return [
    { kind: 'flag', directory, path: [], values: { ...flags?.state } },
    { kind: 'environment', directory, path: [], values: { root: root || undefined, runroot: runroot || undefined } },
    ...files,
  ];
}
