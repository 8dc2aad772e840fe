import { ENVIRONMENT_KEYS, SERVICE_KEYS } from '../config/environment-schema.js';
import { RUN_KEYS, RUN_OPTIONS, type RunKey, runOption } from '../config/run-options.js';
import { CONFIG_KEYS } from '../config/schema.js';
import { TsboxError } from '../plugin/error.js';
import { nearest } from '../plugin/nearest.js';
import { type Contribution, contributionsOf, type Rule, ruleOf } from './contributions.js';
import { definitionsOf, findDefinition } from './definition.js';
import { withExtended } from './extends.js';
import { absolute } from './merge.js';
import { Origins } from './origins.js';
import type { EnvironmentRequest, Source } from './source.js';
import { configSources, environmentSources, nearSources, runSources } from './sources.js';
import type { Origin } from './types.js';

/** A value of a key, and where it was written. */
export interface ExplainedValue {
  readonly value: unknown;
  readonly origin: Origin;
}

/** Why a key has the value that it has. */
export interface Explanation {
  /** `memory`, `env.A`. */
  readonly key: string;
  readonly rule: Rule;
  /** What counts: one place, or for a list that adds up all of them, the farthest first. */
  readonly from: readonly ExplainedValue[];
  /** What was written too and does not count, the nearest first. */
  readonly hidden: readonly ExplainedValue[];
}

/** What is asked about. */
export interface ExplainTarget {
  readonly environment?: string;
  readonly service?: string;
  readonly key: string;
}

/** `environments.shop.services.web.memory`, `services.web.memory`, `run.memory` say more than the key. */
export function readTarget(key: string, environment?: string, service?: string): ExplainTarget {
  const [, name, rest] = /^environments\.([^.]+)\.(.+)$/.exec(key) ?? [];
  if (name !== undefined && rest !== undefined) return readTarget(rest, name);
  const [, own, inner] = /^services\.([^.]+)\.(.+)$/.exec(key) ?? [];
  if (environment !== undefined && own !== undefined && inner !== undefined) {
    return { environment, service: own, key: inner };
  }
  if (environment === undefined) return { key: key.replace(/^run\./, '') };
  return { environment, ...(service !== undefined && { service }), key };
}

/** `shop.memory` is `environments.shop.memory`, where `shop` is an environment and no key. */
function inFull(target: ExplainTarget, environments: readonly string[]): ExplainTarget {
  const { key, environment } = target;
  const [name = '', ...rest] = key.split('.');
  const isName = environments.includes(name) && (environment ?? name) === name && !knownKeys().includes(name);
  return isName && rest.length > 0 && target.service === undefined ? readTarget(`environments.${key}`) : target;
}

/** Where a value came from, with file and line. A table has one explanation for each key. @throws TsboxError */
export async function explainKey(asked: ExplainTarget, request: EnvironmentRequest): Promise<Explanation[]> {
  const names = [...definitionsOf(request.config).keys()];
  const target = inFull(asked, names);
  const { key } = target;
  checkKey(key, target.environment === undefined ? names : []);
  const contributions = (await sourcesOf(target, request)).flatMap(contributionsOf);
  const matching = contributions.filter((one) => one.key === key || one.key.startsWith(`${key}.`));
  const origins = new Origins(request.directory, true);
  const keys = [...new Set(matching.map((one) => one.key))];
  if (keys.length === 0) return [byDefault(key)];
  return Promise.all(
    keys.map((one) =>
      explainOne(
        one,
        matching.filter((other) => other.key === one),
        origins,
      ),
    ),
  );
}

async function explainOne(key: string, all: readonly Contribution[], origins: Origins): Promise<Explanation> {
  const rule = ruleOf(key.split('.', 1)[0] as string);
  const values: ExplainedValue[] = [];
  for (const one of all) values.push({ value: absolute(one), origin: await origins.of(one) });
  if (rule === 'list') return { key, rule, from: values.toReversed(), hidden: [] };
  return { key, rule, from: values.slice(0, 1), hidden: values.slice(1) };
}

/** The help of an option names its default. */
function byDefault(key: string): Explanation {
  const option = key in RUN_OPTIONS ? runOption(key as RunKey) : undefined;
  const named = /\(default: (.+)\)$/.exec(option?.help ?? '')?.[1];
  const value = named ?? (option?.kind === 'boolean' ? false : undefined);
  return { key, rule: ruleOf(key), from: [{ value, origin: { text: 'the default' } }], hidden: [] };
}

async function sourcesOf({ environment, service }: ExplainTarget, request: EnvironmentRequest): Promise<Source[]> {
  const near = nearSources(request);
  const far = [...runSources(request), ...configSources(request)];
  if (environment === undefined) return [...near, ...far];
  const definition = findDefinition(environment, request.config);
  const chain = await withExtended(definition, request.caller);
  const services = [...new Set(chain.flatMap(({ value }) => Object.keys(value.services ?? {})))];
  if (service !== undefined && !services.includes(service)) throw noService(environment, service, services);
  return [...near, ...environmentSources(chain, service), ...far];
}

function noService(environment: string, service: string, services: readonly string[]): TsboxError {
  const meant = nearest(service, services);
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot explain @${environment}/${service}`,
    why: services.length > 0 ? `its services are ${services.join(', ')}` : 'it has no services',
    fix: meant ? `did you mean ${meant}?` : `tsbox config @${environment}`,
  });
}

/** @param environments names that may be meant */
function checkKey(key: string, environments: readonly string[]): void {
  const [first = '', ...rest] = key.split('.');
  if (first === 'environments') throw wholeEnvironment(key, rest[0]);
  const known = knownKeys();
  if (known.includes(first)) return;
  if (environments.includes(first)) throw wholeEnvironment(key, first);
  const meant = nearest(first, [...known, ...environments]);
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot explain ${JSON.stringify(key)}`,
    why: 'there is no such key',
    fix: meant ? `did you mean ${[meant, ...rest].join('.')}?` : 'tsbox config schema lists all keys',
  });
}

function knownKeys(): string[] {
  return [...new Set([...RUN_KEYS, ...ENVIRONMENT_KEYS, ...SERVICE_KEYS, ...CONFIG_KEYS])];
}

function wholeEnvironment(key: string, name: string | undefined): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot explain ${JSON.stringify(key)}`,
    why: 'that is no single value',
    fix: name ? [`tsbox config @${name}`, `tsbox config explain environments.${name}.image`] : 'tsbox env ls',
  });
}
