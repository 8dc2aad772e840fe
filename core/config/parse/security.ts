import { CAPABILITIES, capabilityNumber } from '../../kernel/capabilities.js';
import { nearest } from '../../plugin/nearest.js';
import { badValue, type Found } from '../place.js';

/** A capability's name without `CAP_`, in upper case; `ALL`. */
export function parseCapability(found: Found<string>): string {
  const name = found.value.toUpperCase().replace(/^CAP_/, '');
  if (name === 'ALL' || capabilityNumber(name) !== undefined) return name;
  const meant = nearest(name, CAPABILITIES);
  throw badValue(found, 'there is no such capability', meant ? `did you mean ${meant}?` : 'man 7 capabilities');
}

/** `no-new-privileges[=false]`: the one security option so far. */
export function parseNoNewPrivileges(found: Found<string>): boolean {
  const match = /^no-new-privileges(?:[=:](true|false))?$/.exec(found.value);
  if (!match) throw badValue(found, 'the only security option is no-new-privileges[=false]');
  return match[1] !== 'false';
}
