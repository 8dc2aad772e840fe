import { TsboxError } from '../plugin/error.js';
import { notEnforceable } from '../plugin/limit-write.js';
import { LIMIT_FLAGS, requestedLimits } from '../plugin/limits.js';
import { refuseNetworkRequests } from '../plugin/network-requests.js';
import type { DriverKind } from '../plugin/spec.js';
import type { LaunchState } from './launch-state.js';

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
  const { limits } = resources.driver.capabilities;
  for (const limit of requestedLimits(spec.resources)) {
    if (limits.includes(limit)) continue;
    throw notEnforceable(limit, `the resources driver "${resources.name}" does not enforce it`, [
      `leave out ${LIMIT_FLAGS[limit]}`,
      '--resources=auto takes what this host has',
    ]);
  }
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
