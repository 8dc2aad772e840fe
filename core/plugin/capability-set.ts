import { capabilityMask, capabilityNames, capabilityNumber, DEFAULT_CAPABILITIES } from '../kernel/capabilities.js';
import { TsboxError } from './error.js';
import type { SecuritySpec } from './spec.js';

/** What the command is to have, and what of it this caller cannot give. */
export interface CapabilitySet {
  readonly mask: bigint;
  /** Defaults that the caller does not hold itself; to be told, not to fail for. */
  readonly missing: bigint;
}

/**
 * The set that a spec asks for, by docker's rules: the default minus `--cap-drop` plus `--cap-add`, so
 * that what is both dropped and added is there; with `--cap-add ALL` or `--privileged` all that can be
 * given minus `--cap-drop`.
 * @param available what can be given: the caller's own, or all in a user namespace
 * @throws TsboxError for a name that is none, and for one asked by name that cannot be given
 */
export function capabilitySet(security: SecuritySpec, available: bigint): CapabilitySet {
  const added = parseNames(security.capAdd, '--cap-add');
  const dropped = parseNames(security.capDrop, '--cap-drop');
  if (security.privileged || added.all) return { mask: available & ~dropped.mask, missing: 0n };
  const unavailable = added.mask & ~available;
  if (unavailable !== 0n) throw notHeld(unavailable);
  const base = dropped.all ? 0n : capabilityMask(DEFAULT_CAPABILITIES) & ~dropped.mask;
  return { mask: (base & available) | added.mask, missing: base & ~available };
}

function parseNames(names: readonly string[], option: string): { all: boolean; mask: bigint } {
  let mask = 0n;
  const isAll = (name: string) => /^(CAP_)?ALL$/i.test(name);
  for (const name of names) {
    if (isAll(name)) continue;
    const number = capabilityNumber(name);
    if (number === undefined) throw noSuchCapability(name, option);
    mask |= 1n << BigInt(number);
  }
  return { all: names.some(isAll), mask };
}

function noSuchCapability(name: string, option: string): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `${option} ${JSON.stringify(name)}`,
    why: 'there is no such capability',
    fix: 'man 7 capabilities lists them',
  });
}

function notHeld(mask: bigint): TsboxError {
  const names = capabilityNames(mask).join(', ');
  return new TsboxError('ERR_TSBOX_NOT_ENFORCEABLE', {
    what: `cannot give the container ${names}`,
    why: 'tsbox itself was started without it',
    fix: `leave out --cap-add ${names}, or start tsbox with more rights; grep Cap /proc/self/status shows what it has`,
  });
}
