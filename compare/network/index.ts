import type { ComparisonContext, Plan } from '../context.js';

/** There are none yet. */
export async function networkWorkloads(_context: ComparisonContext): Promise<Plan> {
  return { candidates: [], workloads: [] };
}
