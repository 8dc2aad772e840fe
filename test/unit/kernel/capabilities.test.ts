import { describe, expect, it } from 'vitest';
import {
  CAPABILITIES,
  capabilityMask,
  capabilityNames,
  capabilityNumber,
  DEFAULT_CAPABILITIES,
} from '../../../core/kernel/capabilities.js';

describe('capabilities', () => {
  it("the default set is docker's mask", () => {
    expect(capabilityMask(DEFAULT_CAPABILITIES)).toBe(0xa80425fbn);
  });

  it('numbers are those of the kernel, also above 31', () => {
    expect([capabilityNumber('CHOWN'), capabilityNumber('SYS_ADMIN'), capabilityNumber('CHECKPOINT_RESTORE')]).toEqual([
      0, 21, 40,
    ]);
    expect(capabilityMask(['PERFMON'])).toBe(1n << 38n);
  });

  it('a name is taken in any case, with and without CAP_', () => {
    expect(capabilityNumber('cap_net_raw')).toBe(capabilityNumber('NET_RAW'));
    expect(capabilityNumber('NET_ROW')).toBeUndefined();
  });

  it('a mask gives back its names', () => {
    expect(capabilityNames(capabilityMask(CAPABILITIES))).toEqual([...CAPABILITIES]);
    expect(capabilityNames(1n << 50n)).toEqual(['CAP_50']);
  });
});
