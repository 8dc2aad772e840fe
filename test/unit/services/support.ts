import type { Condition, ResolvedEnvironment, ResolvedService } from '../../../core/environments/types.js';

export interface Parts {
  readonly dependsOn?: Readonly<Record<string, Condition>>;
  readonly profiles?: readonly string[];
}

export function service(name: string, { dependsOn = {}, profiles = [] }: Parts = {}): ResolvedService {
  return {
    name,
    image: 'host',
    command: ['true'],
    layers: [],
    secrets: [],
    dependsOn: new Map(Object.entries(dependsOn)),
    profiles,
    origins: {},
  };
}

export function environment(services: Readonly<Record<string, Parts>>): ResolvedEnvironment {
  return {
    name: 'shop',
    directory: '/srv/shop',
    single: false,
    services: Object.entries(services).map(([name, parts]) => service(name, parts)),
    unsupported: [],
  };
}
