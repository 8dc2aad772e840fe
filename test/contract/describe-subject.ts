import { describe, it } from 'vitest';
import { type Need, skipUnless } from '../support/skip.js';
import { describeFaults } from './faults.js';
import { describeLaunches } from './launches.js';
import { LONG, Stage } from './stage.js';
import type { Subject } from './subject.js';

/**
 * All that is asked of a plugin.
 * @param needs of this kind, beside what the description names
 * @param describeKind what is asked of this kind
 */
export function describeSubject(
  subject: Subject,
  needs: readonly Need[],
  describeKind?: (stage: Stage) => void | Promise<void>,
): void {
  const runners = skipUnless('root', 'busybox', ...needs, ...(subject.description.needs ?? []));
  // What a suite prepares while it is collected would fail where it is skipped.
  if (runners.describe !== describe) return;
  describe(subject.title, () => {
    const stage = new Stage(subject);
    describeLaunches(stage);
    if (describeKind) describe('as a driver of its kind', () => describeKind(stage));
    describeFaults(stage);
    it('leaves this host and this process as they were', LONG, () => stage.expectNothingLeft());
  });
}
