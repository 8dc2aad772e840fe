import type { NetworkDriver, StorageDriver } from '../plugin/drivers.js';
import { TsboxError } from '../plugin/error.js';
import type { PluginDefinition } from '../plugin/plugin.js';
import type { ChosenKind, DriverKind } from '../plugin/spec.js';
import type { ChildProgram } from '../program/child-program.js';
import { CONTROL_FD } from '../program/layout.js';
import type { ChosenDriver } from './launch-state.js';
import { LaunchView } from './launch-state.js';

/** The hook in which a driver of each kind prepares. The id maps must be known when storage makes its directories. */
const PREPARE = {
  userns: 'prepareRootfs',
  storage: 'prepareRootfs',
  network: 'preClone',
  resources: 'preClone',
  security: 'preClone',
} as const satisfies Record<ChosenKind, string>;

interface Recording {
  readonly launch: LaunchView;
  readonly child: ChildProgram;
}

/**
 * How drivers of one kind take part in the lifecycle. These handlers are registered for every plugin
 * that has such drivers, and call the one that was chosen for the launch at hand, if it is the plugin's.
 */
export function driverHooks(plugin: string, kind: DriverKind): NonNullable<PluginDefinition['hooks']> {
  // They are asked where the image is resolved, and where the streams are opened.
  if (kind === 'image' || kind === 'log') return {};
  const chosen = (launch: object) => chosenDriver(launch, plugin, kind);
  return {
    [PREPARE[kind]]: ({ launch }: { launch: LaunchView }) => {
      const driver = chosen(launch);
      if (driver) refuseUserNamespace(launch, kind, driver);
      const prepared = call(driver, 'prepare', launch);
      const { assign } = (driver ?? {}) as Partial<NetworkDriver>;
      return assign && !launch.network.awaiting ? assignAfter(prepared, () => assign.call(driver, launch)) : prepared;
    },
    [kind === 'security' ? 'preExec' : 'childSetup']: ({ launch, child }: Recording) => {
      const driver = chosen(launch);
      if (driver && kind === 'network' && launch.state.attachesLate)
        child.outside.barrier(CONTROL_FD, { quiet: true, note: 'wait for the network' });
      return call(driver, 'record', child, launch);
    },
    postClone: ({ launch }) => call(chosen(launch), 'attach', launch),
  };
}

/** The userns driver has decided by now; nothing but the container's directory was made. @throws TsboxError */
function refuseUserNamespace(launch: LaunchView, kind: DriverKind, driver: ChosenDriver['driver']): void {
  if (kind !== 'storage' || !launch.namespaces.has('user')) return;
  if ((driver as StorageDriver).capabilities.userNamespace !== false) return;
  const { name } = launch.state.drivers.storage;
  throw new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', {
    what: `storage driver "${name}" does not work with a user namespace`,
    why: 'the kernel lets nobody make its mounts there',
    fix: ['leave out --userns', 'or choose another --storage: overlay and copy take user namespaces'],
  });
}

/** Where the launch does not do it later. */
async function assignAfter(prepared: void | Promise<void>, assign: () => Promise<void>): Promise<void> {
  await prepared;
  await assign();
}

/** Optional methods are optional; the result is a promise or nothing. */
function call(
  driver: ChosenDriver['driver'] | undefined,
  method: 'prepare' | 'record' | 'attach',
  ...args: object[]
): void | Promise<void> {
  const methods = driver as Partial<Record<typeof method, (...args: object[]) => void | Promise<void>>> | undefined;
  return methods?.[method]?.(...args);
}

function chosenDriver(launch: object, plugin: string, kind: DriverKind): ChosenDriver['driver'] | undefined {
  if (!(launch instanceof LaunchView)) throw new TypeError('not a launch of this engine');
  const chosen = launch.state.drivers[kind];
  return chosen?.plugin === plugin ? chosen.driver : undefined;
}
