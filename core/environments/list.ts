import { definitionsOf } from './definition.js';
import { resolveEnvironment } from './resolve.js';
import type { EnvironmentRequest } from './source.js';

/** What lists show of an environment. */
export interface EnvironmentSummary {
  readonly name: string;
  readonly description?: string;
  readonly file: string;
  readonly image?: string;
  /** Names; none where it is one container. */
  readonly services: readonly string[];
  readonly profiles: readonly string[];
  /** Why it cannot be resolved. */
  readonly error?: string;
}

/** All environments of the config files, in their order. One that cannot be resolved is listed with the reason. */
export async function listEnvironments(request: EnvironmentRequest): Promise<EnvironmentSummary[]> {
  const summaries: EnvironmentSummary[] = [];
  for (const [name, { file, value }] of definitionsOf(request.config)) {
    const { description } = value;
    summaries.push(
      await summarize(name, file, request).catch((error: Error) => ({
        name,
        ...(description !== undefined && { description }),
        file,
        services: Object.keys(value.services ?? {}),
        profiles: [],
        error: error.message,
      })),
    );
  }
  return summaries;
}

async function summarize(name: string, file: string, request: EnvironmentRequest): Promise<EnvironmentSummary> {
  const { description, single, services } = await resolveEnvironment(name, request);
  const [first] = services;
  return {
    name,
    ...(description !== undefined && { description }),
    file,
    ...(single && first && { image: first.image }),
    services: single ? [] : services.map((service) => service.name),
    profiles: [...new Set(services.flatMap(({ profiles }) => profiles))],
  };
}
