import type { ResolvedEnvironment, ResolvedService } from '../environments/types.js';

/** What `up` writes on whatever it makes: `down` and another `up` find it by them, whatever became of the file. */
export const LABELS = {
  environment: 'tsbox.environment',
  directory: 'tsbox.environment.directory',
  service: 'tsbox.service',
  /** Names of the services that it waits for, with commas. */
  dependsOn: 'tsbox.service.depends-on',
  /** Of the resolved service: another one means that it has changed. */
  fingerprint: 'tsbox.service.fingerprint',
} as const;

/** Of a network or a volume. */
export function environmentLabels({ name, directory }: ResolvedEnvironment): Record<string, string> {
  return { [LABELS.environment]: name, [LABELS.directory]: directory };
}

/** Of a container, all but its fingerprint. */
export function serviceLabels(environment: ResolvedEnvironment, service: ResolvedService): Record<string, string> {
  return {
    ...environmentLabels(environment),
    [LABELS.service]: service.name,
    [LABELS.dependsOn]: [...service.dependsOn.keys()].join(','),
  };
}
