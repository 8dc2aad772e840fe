import type { HookName } from '../plugin/plugin.js';
import { blaming } from './blame.js';

/** What a plugin leaves until the child is being cloned. */
export interface DelayedWork {
  readonly plugin: string;
  act(): void | Promise<void>;
}

/** @throws Error in a hook after which it would not be done, or not be waited for */
export function delayed(plugin: string, hook: HookName | 'resolve', act: DelayedWork['act']): DelayedWork {
  if (hook !== 'prepareRootfs' && hook !== 'preClone')
    throw new Error(`duringClone is for prepareRootfs and preClone, and this is ${hook}`);
  return { plugin, act };
}

/** Does all of it in its order, also what is left meanwhile. @throws TsboxError naming whose failed or does not end */
export async function doDelayed(work: DelayedWork[], patienceMs: number): Promise<void> {
  for (let next = work.shift(); next; next = work.shift()) {
    const { plugin, act } = next;
    await blaming({ plugin, deed: 'its work during the clone', patienceMs }, act);
  }
}
