import type { NetworkDriver } from './drivers.js';
import { TsboxError } from './error.js';
import type { NetworkSpec } from './spec.js';

/** Refuses what a network driver by its capabilities cannot do. @throws TsboxError ERR_TSBOX_INVALID_SPEC */
export function refuseNetworkRequests(
  spec: NetworkSpec,
  capabilities: NetworkDriver['capabilities'],
  why: string,
): void {
  if (spec.ports.length > 0 && !capabilities.ports) throw refused('publish ports', '-p', why);
  if (spec.ip !== undefined && !capabilities.address) throw refused('give an address', '--ip', why);
  if (spec.mac !== undefined && !capabilities.address) throw refused('give a MAC address', '--mac-address', why);
}

function refused(request: string, flag: string, why: string): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot ${request}`,
    why,
    fix: [`leave out ${flag}`, `or use --network=bridge with ${flag}`],
  });
}
