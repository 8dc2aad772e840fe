import { describe, expect, test } from 'vitest';
import { poolSlots } from '../../../plugins/user-map/id-pool.js';
import type { SubordinateIds } from '../../../plugins/user-map/subordinate.js';

const none: SubordinateIds = { uids: [], gids: [] };
const ids = (start: number, size: number): SubordinateIds => ({ uids: [{ start, size }], gids: [{ start, size }] });

describe('the ids for containers of root', () => {
  test('are those of tsbox, before those of containers', () => {
    const pool = { tsbox: ids(500000, 131072), containers: ids(900000, 131072) };
    expect(poolSlots((owner) => pool[owner as keyof typeof pool] ?? none)).toEqual([
      { uid: 500000, gid: 500000, size: 65536 },
      { uid: 565536, gid: 565536, size: 65536 },
    ]);
  });

  test('are those of containers where tsbox has none', () => {
    expect(poolSlots((owner) => (owner === 'containers' ? ids(900000, 65536) : none))[0]?.uid).toBe(900000);
  });

  test('are the documented default where nobody has any, and do not overlap', () => {
    const slots = poolSlots(() => none);
    expect(slots[0]).toEqual({ uid: 1879048192, gid: 1879048192, size: 65536 });
    expect(slots).toHaveLength(4094);
    for (const [index, slot] of slots.entries()) expect(slot.uid).toBe(1879048192 + index * 65536);
    expect((slots.at(-1)?.uid ?? 0) + 65536).toBeLessThanOrEqual(0x7ffe_0000);
  });

  test('are one smaller range where no whole one fits', () => {
    const pool: SubordinateIds = {
      uids: [
        { start: 10, size: 5 },
        { start: 100, size: 50 },
      ],
      gids: [{ start: 200, size: 40 }],
    };
    expect(poolSlots((owner) => (owner === 'tsbox' ? pool : none))).toEqual([{ uid: 100, gid: 200, size: 40 }]);
  });

  test('need both kinds', () => {
    const half = { uids: [{ start: 500000, size: 65536 }], gids: [] };
    expect(poolSlots((owner) => (owner === 'tsbox' ? half : none))[0]?.uid).toBe(1879048192);
  });
});
