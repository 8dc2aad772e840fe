import { TsboxError } from '../plugin/error.js';
import { notEnforceable } from '../plugin/limit-write.js';
import { LIMIT_FLAGS, requestedLimits } from '../plugin/limits.js';
import { refuseNetworkRequests } from '../plugin/network-requests.js';
import type { DriverKind, Spec } from '../plugin/spec.js';
import type { ChosenDriver, LaunchState } from './launch-state.js';

/**
 * Refuses what the chosen drivers say that they cannot do. Their own `validate` came first and may
 * have said it better; this holds for drivers that rely on what they declare, so that no request is
 * dropped in silence. @param outlives the container goes on without this process @throws TsboxError
 */
export function refuseBeyondCapabilities({ drivers, spec, image, host }: LaunchState, outlives: boolean): void {
  const { storage, network, resources } = drivers;
  if (image.layers.length > 1 && !storage.driver.capabilities.layers) throw cannotStack(storage.name);
  for (const [kind, { name, driver }] of [
    ['storage', storage],
    ['network', network],
  ] as const) {
    if (!host.privileged && !driver.capabilities.unprivileged) throw needsRoot(kind, name);
  }
  if (outlives && network.driver.capabilities.attended) throw endsWithEngine(network.name);
  refuseNetworkRequests(spec.network, network.driver.capabilities, `the network driver "${network.name}" cannot do it`);
  if (drivers.log) refuseForLog(drivers.log, spec);
  const { limits } = resources.driver.capabilities;
  for (const limit of requestedLimits(spec.resources)) {
    if (limits.includes(limit)) continue;
    throw notEnforceable(limit, `the resources driver "${resources.name}" does not enforce it`, [
      `leave out ${LIMIT_FLAGS[limit]}`,
      '--resources=auto takes what this host has',
    ]);
  }
}

/** Its output is the driver's own descriptors. */
function refuseForLog({ name, driver }: ChosenDriver<'log'>, { tty, log }: Spec): void {
  if (tty)
    throw new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', {
      what: `log driver "${name}" takes no container with a terminal`,
      why: 'a terminal is one descriptor, which the monitor reads',
      fix: ['leave out -t', '--log-driver=file'],
    });
  const known = driver.capabilities.options;
  const other = Object.keys(log.options ?? {}).find((key) => !known.includes(key));
  if (other === undefined) return;
  throw new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot use --log-opt ${other}`,
    why: `the log driver "${name}" has no such option`,
    fix: known.length > 0 ? `its options are ${known.join(', ')}` : 'it has none: leave it out',
  });
}

function cannotStack(name: string): TsboxError {
  return new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', {
    what: `storage driver "${name}" cannot show this image`,
    why: 'the image has several layers, and the driver takes one',
    fix: '--storage=overlay or --storage=copy',
  });
}

function endsWithEngine(name: string): TsboxError {
  return new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', {
    what: `network driver "${name}" takes no container that outlives the command`,
    why: 'what it does for a container is done by the process that started it, for as long as that runs',
    fix: ['tsbox run without -d or --restart, left running', 'or another --network: tsbox info lists them'],
  });
}

function needsRoot(kind: DriverKind, name: string): TsboxError {
  return new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', {
    what: `${kind} driver "${name}" does not work here`,
    why: 'it needs root',
    fix: ['run as root', `or choose another --${kind}: tsbox info says which work`],
  });
}
