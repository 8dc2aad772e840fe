import type { LaunchTrace } from '../core/engine/index.js';
import type { TraceRequest } from './trace-request.js';

/** Does something with a trace of it, which is printed afterwards, whether it worked or not. */
export async function traced<Request extends { readonly trace: TraceRequest | undefined }, Result>(
  request: Request,
  act: (request: Request & { readonly onTrace?: (trace: LaunchTrace) => void }) => Promise<Result>,
): Promise<Result> {
  if (!request.trace) return act(request);
  let trace: LaunchTrace | undefined;
  const onTrace = (made: LaunchTrace) => {
    trace = made;
  };
  try {
    return await act({ ...request, onTrace });
  } finally {
    if (trace) await (await import('./trace.js')).printTrace(trace, request.trace);
  }
}
