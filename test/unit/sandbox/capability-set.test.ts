import { describe, expect, it } from 'vitest';
import { capabilitySet } from '../../../core/plugin/capability-set.js';
import { capabilityMask, type SecuritySpec } from '../../../core/plugin/index.js';

const ALL = (1n << 41n) - 1n;
const DEFAULT = 0xa80425fbn;

function ask(more: Partial<SecuritySpec>, available = ALL) {
  return capabilitySet({ privileged: false, capAdd: [], capDrop: [], noNewPrivileges: true, ...more }, available);
}

describe('the set of capabilities', () => {
  it('is the default unless asked otherwise', () => {
    expect(ask({})).toEqual({ mask: DEFAULT, missing: 0n });
  });

  it('gains what is added and loses what is dropped', () => {
    expect(ask({ capAdd: ['SYS_ADMIN'], capDrop: ['NET_RAW'] }).mask).toBe(
      (DEFAULT | capabilityMask(['SYS_ADMIN'])) & ~capabilityMask(['NET_RAW']),
    );
  });

  it('is only what is added when all is dropped', () => {
    expect(ask({ capAdd: ['CHOWN'], capDrop: ['ALL'] }).mask).toBe(1n);
    expect(ask({ capDrop: ['ALL'] }).mask).toBe(0n);
  });

  it('keeps what is both dropped and added, as docker does', () => {
    expect(ask({ capAdd: ['NET_RAW'], capDrop: ['NET_RAW'] }).mask).toBe(DEFAULT);
  });

  it('is all that the caller has with ALL and with --privileged, without what is dropped', () => {
    const available = ALL & ~capabilityMask(['SYS_RESOURCE']);
    expect(ask({ capAdd: ['ALL'] }, available).mask).toBe(available);
    expect(ask({ privileged: true }, available).mask).toBe(available);
    expect(ask({ capAdd: ['ALL'], capDrop: ['SYS_ADMIN'] }).mask).toBe(ALL & ~capabilityMask(['SYS_ADMIN']));
  });

  it('names defaults that the caller does not have itself', () => {
    const available = ALL & ~capabilityMask(['NET_RAW']);
    expect(ask({}, available)).toEqual({ mask: DEFAULT & available, missing: capabilityMask(['NET_RAW']) });
  });

  it('refuses by name what the caller does not have', () => {
    const available = ALL & ~capabilityMask(['SYS_RESOURCE']);
    expect(() => ask({ capAdd: ['SYS_RESOURCE'] }, available)).toThrow(/cannot give the container SYS_RESOURCE/);
  });

  it('refuses a name that is none', () => {
    expect(() => ask({ capAdd: ['NET_ADMINN'] })).toThrow(/no such capability/);
    expect(() => ask({ capDrop: ['38'] })).toThrow(/no such capability/);
  });
});
