import type { Spec } from '../plugin/spec.js';
import { isSubscribed } from './diagnostics.js';
import type { LaunchTrace } from './launch-trace.js';
import type { LaunchKind, LaunchObserver } from './observer.js';

/** Launches with an observer where a trace was asked for or somebody listens; nothing is loaded otherwise. */
export async function observed<Result>(
  kind: LaunchKind,
  { spec, onTrace }: { readonly spec: Spec; readonly onTrace?: ((trace: LaunchTrace) => void) | undefined },
  act: (observer?: LaunchObserver) => Promise<Result>,
): Promise<Result> {
  if (!onTrace && !isSubscribed()) return act();
  const { LaunchObserver } = await import('./observer.js');
  const observer = new LaunchObserver(kind, spec, onTrace);
  return observer.launch(() => act(observer));
}
