import type { RunSettings } from '../config/run-options.js';
import type { Layer } from '../config/settings.js';
import type { ResolvedService } from '../environments/types.js';
import { nearest } from '../plugin/nearest.js';
import { type KeyReader, type Project, ServiceBuilder } from './builder.js';
import { readDeploy, readReplicas } from './deploy.js';
import { readMemberships, readNetworkMode } from './networks.js';
import type { Node } from './node.js';
import { readCommand, readEntrypoint, readEnvFiles, readEnvironment, readImage, readSecrets } from './process.js';
import { SIMPLE_KEYS } from './simple-keys.js';
import { readVolumes } from './volumes.js';
import { readDependsOn, readHealthcheck } from './waiting.js';

/** In the order in which they are read: what comes later may add to what comes before, or win over it. */
const READERS: Readonly<Record<string, KeyReader>> = {
  image: readImage,
  deploy: readDeploy,
  ...SIMPLE_KEYS,
  env_file: readEnvFiles,
  environment: readEnvironment,
  entrypoint: readEntrypoint,
  command: readCommand,
  volumes: readVolumes,
  networks: readMemberships,
  depends_on: readDependsOn,
  network_mode: readNetworkMode,
  healthcheck: readHealthcheck,
  secrets: readSecrets,
  scale: readReplicas,
  profiles: (node, service) => {
    service.profiles = node.texts();
  },
};
/** They change nothing, here or in docker. */
const WITHOUT_MEANING = ['expose', 'extends', 'attach'];

const WHY: Readonly<Record<string, string>> = {
  build: 'images are not built; tsbox image from-host and tsbox commit make some',
  links: 'services find each other by name; networks have aliases',
  configs: 'bind the file with volumes',
  volumes_from: 'name the volume in both services',
  sysctls: 'kernel settings of a container cannot be set',
  platform: 'the programs of an image are executed as they are',
  pull_policy: 'images are not pulled',
  develop: 'files are not watched',
};

/** Reads a service of which `extends` is done. */
export function readService(name: string, node: Node, project: Project, outer: readonly Layer[]): ResolvedService {
  const builder = new ServiceBuilder(name, project);
  const written = node.entries().filter(([, value]) => !value.isNull);
  for (const [key, value] of written)
    if (!(key in READERS) && !WITHOUT_MEANING.includes(key) && !key.startsWith('x-'))
      builder.unsupported(value, why(key));
  for (const [key, reader] of Object.entries(READERS)) {
    const value = node.child(key);
    if (value) reader(value, builder);
  }
  if (builder.image === undefined) throw node.bad('it has no image', 'image: host');
  const { image, dependsOn, secrets, ready, profiles, networks, origins } = builder;
  return {
    name,
    image,
    command: [...(builder.entrypoint?.slice(1) ?? []), ...builder.command],
    layers: [layerOf(builder, node), ...outer],
    secrets,
    dependsOn,
    profiles,
    origins,
    ...(ready && { ready }),
    ...(networks.length > 0 && { networks }),
  };
}

function why(key: string): string {
  const known = WHY[key];
  if (known !== undefined) return known;
  const meant = nearest(key, Object.keys(READERS));
  return meant ? `there is no such setting; did you mean ${meant}?` : 'there is no such setting of tsbox';
}

function layerOf({ name, texts, lists, flags, entrypoint }: ServiceBuilder, { source, directory }: Node): Layer {
  const values: RunSettings = {
    ...Object.fromEntries(texts),
    ...Object.fromEntries(lists),
    ...Object.fromEntries(flags),
    ...(entrypoint && { entrypoint: entrypoint[0] ?? '' }),
  };
  return { kind: 'file', file: source.file, section: ['services', name], directory, values };
}
