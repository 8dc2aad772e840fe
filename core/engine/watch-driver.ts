import type { Driver } from '../plugin/drivers.js';
import { TsboxError } from '../plugin/error.js';
import type { DriverKind } from '../plugin/spec.js';
import { blaming } from './blame.js';

/** A driver of a plugin from outside, and how long its promises may take. */
export interface WatchedDriver {
  readonly plugin: string;
  readonly kind: DriverKind;
  readonly name: string;
  readonly patienceMs: number;
}

/** What the engine calls or reads without asking whether it is there. */
const NEEDED: Readonly<Record<DriverKind, readonly string[]>> = {
  storage: ['check', 'prepare', 'record', 'capabilities'],
  network: ['check', 'capabilities'],
  resources: ['check', 'capabilities'],
  userns: ['check'],
  security: ['check', 'record'],
  image: ['check', 'resolve'],
  log: ['check', 'open', 'capabilities'],
};

/**
 * Makes a driver. Whatever is called of it, what it throws and a promise that never settles carry the names of
 * plugin, method and driver. @throws TsboxError where what was made is no driver of its kind
 */
export function watchDriver(watched: WatchedDriver, make: () => unknown): Driver {
  const driver = blaming({ ...watched, deed: `making ${described(watched)}` }, make);
  for (const part of NEEDED[watched.kind]) {
    const found = (driver as Record<string, unknown> | undefined | null)?.[part];
    const isRight = part === 'capabilities' ? typeof found === 'object' && found !== null : typeof found === 'function';
    if (!isRight) throw nonsense(watched, `${described(watched)} has no ${part}`);
  }
  return new Proxy(driver as Driver & Record<PropertyKey, unknown>, {
    // Methods are called on the driver itself, which may have private fields.
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? watchMethod(watched, target, String(key), value) : value;
    },
  });
}

function watchMethod(watched: WatchedDriver, target: Driver, name: string, method: unknown) {
  const act = method as (...args: unknown[]) => unknown;
  return (...args: unknown[]): unknown => {
    const result = blaming({ ...watched, deed: `${name} of ${described(watched)}` }, () => act.apply(target, args));
    if (name === 'check' && !isSupport(result))
      throw nonsense(watched, `check of ${described(watched)} gave ${JSON.stringify(result) ?? String(result)}`);
    return result;
  };
}

function isSupport(value: unknown): boolean {
  const { works, reason, fix } = (value ?? {}) as Record<string, unknown>;
  return works === true || (works === false && typeof reason === 'string' && typeof fix === 'string');
}

function nonsense({ plugin }: WatchedDriver, why: string): TsboxError {
  return new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `plugin "${plugin}" cannot be used`,
    why,
    fix: 'the interfaces of tsbox/plugin say what a driver has; check gives WORKS or unsupported(reason, fix)',
  });
}

function described({ kind, name }: WatchedDriver): string {
  return `its ${kind} driver "${name}"`;
}
