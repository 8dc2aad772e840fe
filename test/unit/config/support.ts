import { resolveSpec, type SpecHost } from '../../../core/config/resolve-spec.js';
import type { RunSettings } from '../../../core/config/run-options.js';
import type { Layer } from '../../../core/config/settings.js';
import type { TsboxError } from '../../../core/plugin/error.js';
import type { Spec } from '../../../core/plugin/spec.js';

export const HOST: SpecHost = { privileged: true, cpus: 8, environment: { HOME: '/home/me', EMPTY: '' } };

/** A layer of flags, as the command line gives them. */
export function flags(values: RunSettings): Layer {
  return { kind: 'flag', directory: process.cwd(), values };
}

export function file(values: RunSettings, name = '/srv/.tsboxrc'): Layer {
  return { kind: 'file', file: name, directory: '/srv', values };
}

/** The spec of `run host true` with these flags. */
export function specOf(values: RunSettings, host: SpecHost = HOST): Spec {
  return specOfLayers([flags(values)], host);
}

export function specOfLayers(layers: readonly Layer[], host: SpecHost = HOST): Spec {
  return resolveSpec({ image: 'host', command: ['true'], layers }, host);
}

/** The error that these flags are refused with. */
export function refusal(values: RunSettings): TsboxError {
  return errorOf(() => specOf(values));
}

export function errorOf(action: () => unknown): TsboxError {
  try {
    action();
  } catch (error) {
    return error as TsboxError;
  }
  throw new Error('it was accepted');
}
