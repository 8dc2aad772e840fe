import { describe, it } from 'vitest';
import { missing, type Requirement } from './requirements.js';

/** A word of the list, or something else that a plugin needs. */
export type Need = Requirement | { readonly name: string; readonly met: () => boolean };

export interface Runners {
  readonly describe: typeof describe;
  readonly it: typeof it;
}

/**
 * vitest's `describe` and `it`, or their skipping forms when the machine lacks something; the
 * report then has one skipped test that names what. With TSBOX_NO_SKIP=1 that test fails instead.
 */
export function skipUnless(...needs: Need[]): Runners {
  const lacking = needs.flatMap(lackingOf);
  if (lacking.length === 0) return { describe, it };
  const reason = `needs ${lacking.join(', ')}`;
  if (process.env.TSBOX_NO_SKIP === '1') {
    it(reason, () => {
      throw new Error(`this machine lacks ${lacking.join(', ')}, and TSBOX_NO_SKIP=1 allows no skips`);
    });
  } else {
    // biome-ignore lint/suspicious/noSkippedTests: this is where skips are made, with their reason
    it.skip(reason, () => {});
  }
  return { describe: describe.skip as unknown as typeof describe, it: it.skip as unknown as typeof it };
}

function lackingOf(need: Need): string[] {
  if (typeof need === 'string') return missing([need]);
  return need.met() ? [] : [need.name];
}
