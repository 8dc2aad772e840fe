import { dirname } from 'node:path';
import { longFlag, RUN_OPTIONS, type RunKey } from '../../config/run-options.js';
import { type FailureRecord, latestFailure } from '../../explain/failure-record.js';
import type { JsonObject } from '../../plugin/launch.js';
import { LIMIT_FLAGS, requestedLimits } from '../../plugin/limits.js';
import type { Spec } from '../../plugin/spec.js';
import type { ContainerState } from '../../state/containers.js';
import type { ContainerDetails } from '../../state/record.js';

/**
 * `pending` until it was started: limits are read back, and options are ops of the launch, which fails with
 * them. What is refused never becomes a container.
 */
export interface RequestOutcome {
  /** As the command line calls it: `--memory`. */
  readonly request: string;
  readonly outcome: 'enforced' | 'degraded' | 'pending';
  /** Why it is not had in full. */
  readonly reason?: string;
}

/** What docker does not show. */
export interface OwnPart {
  /** The effective spec. */
  readonly Spec: Omit<Spec, 'origins' | 'secrets'>;
  /** Names and targets; never what they say, nor where they come from. */
  readonly Secrets: readonly { readonly name: string; readonly target: string }[];
  /** Where each setting of it came from: a flag, a variable, a file; `default`. */
  readonly Origins: Readonly<Record<string, string>>;
  /** The chosen drivers by kind, with what their plugins remember of the last start. */
  readonly Drivers: Readonly<
    Record<string, { readonly name: string; readonly plugin: string; readonly facts: JsonObject }>
  >;
  /** What other plugins remember of it. */
  readonly Facts: JsonObject;
  readonly Requests: readonly RequestOutcome[];
  readonly Warnings: readonly string[];
  readonly Layers: readonly string[];
  readonly Directory: string;
  /** Why its last start failed: `tsbox explain` with the diagnosis says more. */
  readonly Failure?: Pick<FailureRecord, 'time' | 'error' | 'failed' | 'diagnosis'>;
}

/** Options that something has to be done for, which could fail to be done. */
const ENFORCED: readonly RunKey[] = [
  'readOnly',
  'capAdd',
  'capDrop',
  'securityOpt',
  'ulimit',
  'publish',
  'ip',
  'macAddress',
  'userns',
  'shmSize',
  'tmpfs',
];

export function ownPartOf({ record, directory }: ContainerState, details: ContainerDetails): OwnPart {
  const { spec, drivers, facts, warnings, image } = details;
  const { origins, secrets = [], ...effective } = spec;
  const chosen = Object.entries(drivers).map(([kind, { name, plugin }]) => {
    return [kind, { name, plugin, facts: (facts[plugin] ?? {}) as JsonObject }] as const;
  });
  const plugins = new Set(Object.values(drivers).map(({ plugin }) => plugin));
  return {
    Spec: effective,
    Secrets: secrets.map(({ name, target }) => ({ name, target })),
    Origins: allOrigins(origins),
    Drivers: Object.fromEntries(chosen),
    Facts: Object.fromEntries(Object.entries(facts).filter(([plugin]) => !plugins.has(plugin))),
    Requests: requestsOf(details, record.started !== undefined),
    Warnings: warnings,
    Layers: image.layers,
    Directory: directory,
    ...failureOf(record, directory),
  };
}

function failureOf({ id, error }: ContainerState['record'], directory: string): Pick<OwnPart, 'Failure'> {
  const found = error === undefined ? undefined : latestFailure(dirname(dirname(directory)), id);
  if (!found) return {};
  const { time, diagnosis, failed } = found;
  return { Failure: { time, error: found.error, ...(failed && { failed }), ...(diagnosis && { diagnosis }) } };
}

function allOrigins(given: Readonly<Record<string, string>>): Record<string, string> {
  return { ...Object.fromEntries(Object.keys(RUN_OPTIONS).map((key) => [key, 'default'])), ...given };
}

function requestsOf({ spec, degraded = [] }: ContainerDetails, started: boolean): RequestOutcome[] {
  const limits = requestedLimits(spec.resources).map((name) => LIMIT_FLAGS[name]);
  const options = ENFORCED.filter((key) => spec.origins[key] !== undefined).map(longFlag);
  const requests = new Set([...limits, ...options, ...degraded.map(({ request }) => request)]);
  return [...requests].map((request) => {
    const found = degraded.find((one) => one.request === request);
    if (found) return { request, outcome: 'degraded', reason: found.reason };
    return { request, outcome: started ? 'enforced' : 'pending' };
  });
}
