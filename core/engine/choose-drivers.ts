import { TsboxError } from '../plugin/error.js';
import type { ChosenKind, DriverChoice, DriverKind } from '../plugin/spec.js';
import type { ContainerDetails } from '../state/record.js';
import type { ChosenDriver, ChosenDrivers } from './launch-state.js';
import type { PluginRegistry } from './registry.js';

/** Names by kind; image and log where there is a driver for them. */
export type WantedDrivers = DriverChoice & { readonly [Kind in 'image' | 'log']?: string };

/** A later start takes the drivers of the first: what one of them made, no other one understands. */
export function driversOf({ drivers }: Pick<ContainerDetails, 'drivers'>): WantedDrivers {
  const names = Object.entries(drivers).map(([kind, { name }]) => [kind, name]);
  // Containers of earlier versions have no security driver.
  return { security: 'none', ...Object.fromEntries(names) } as unknown as WantedDrivers;
}

/** Those of a container, loaded and not asked: it runs, or has its image. */
export async function sameDrivers(details: Pick<ContainerDetails, 'drivers'>, registry: PluginRegistry) {
  const chosen = new Map<string, ChosenDriver>();
  for (const [kind, name] of Object.entries(driversOf(details)) as [DriverKind, string][])
    chosen.set(kind, await registry.driver(kind, name));
  return Object.fromEntries(chosen) as unknown as ChosenDrivers;
}

/** @throws TsboxError where one is not there or does not work here */
export async function chooseDrivers(choice: WantedDrivers, registry: PluginRegistry): Promise<ChosenDrivers> {
  // Names first: a typo is reported before any driver looks at the host.
  const kinds = Object.keys(choice) as DriverKind[];
  const chosen = new Map<DriverKind, ChosenDriver>();
  for (const kind of kinds) {
    const name = choice[kind] as string;
    // The image of a container that starts again is there: its source is not asked any more.
    if (kind === 'image') chosen.set(kind, await registry.driver(kind, name));
    else if (name !== 'auto' || kind === 'userns') chosen.set(kind, await workingDriver(kind, name, registry));
  }
  for (const kind of kinds) if (!chosen.has(kind)) chosen.set(kind, await firstThatWorks(kind, registry));
  return Object.fromEntries(chosen) as unknown as ChosenDrivers;
}

/** The driver of that name. @throws TsboxError where it does not work here */
export async function workingDriver<Kind extends DriverKind>(
  kind: Kind,
  name: string,
  registry: PluginRegistry,
): Promise<ChosenDriver<Kind>> {
  const chosen = await registry.driver(kind, name);
  const support = chosen.driver.check();
  if (support.works) return chosen;
  throw new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', {
    what: `${kind} driver "${name}" does not work here`,
    why: support.reason,
    fix: support.fix,
    diagnosis: support.diagnosis,
  });
}

async function firstThatWorks(kind: DriverKind, registry: PluginRegistry): Promise<ChosenDriver> {
  const reasons: string[] = [];
  for (const name of registry.names(kind)) {
    const chosen = await registry.driver(kind, name);
    const support = chosen.driver.check();
    if (support.works) return chosen;
    reasons.push(`${name}: ${support.reason}`);
  }
  throw new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', {
    what: `no ${kind as ChosenKind} driver works here`,
    why: reasons.join('; '),
    fix: 'tsbox info says what each of them needs',
  });
}
