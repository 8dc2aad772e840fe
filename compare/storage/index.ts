import type { ComparisonContext, Plan } from '../context.js';
import { driverCandidates } from '../driver-candidates.js';

/** What storage drivers differ in. */
export async function storageWorkloads(context: ComparisonContext): Promise<Plan> {
  return { candidates: await driverCandidates(context.engine, 'storage'), workloads: [] };
}
