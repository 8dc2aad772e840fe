import { LibcGate } from '../../core/kernel/libc-gate.js';
import type { ComparisonContext, Plan } from '../context.js';
import { driverCandidates } from '../driver-candidates.js';
import { ownCommand } from '../own-command.js';
import type { Candidate } from '../report.js';
import { imageOf } from './lab.js';
import { setUpWorkloads } from './set-up.js';
import { trafficWorkloads } from './traffic.js';

/** What network drivers differ in. */
export async function networkWorkloads(context: ComparisonContext): Promise<Plan> {
  const lab = { context, gate: new LibcGate() };
  const image = imageOf(lab);
  const candidates: Candidate[] = [];
  for (const candidate of await driverCandidates(context.engine, 'network')) {
    const skipped = candidate.skipped ?? (await whyNot(context, image, candidate.name));
    candidates.push({ ...candidate, ...(skipped !== undefined && { skipped }) });
  }
  return {
    candidates,
    workloads: [
      ...setUpWorkloads(lab),
      ...trafficWorkloads(lab),
      ...ownCommand(context, (network) => ({ image, network })),
    ],
    subject: { image },
  };
}

/** Why no container can be started with a driver: one that joins the network of another container wants its name. */
async function whyNot({ engine }: ComparisonContext, image: string, network: string): Promise<string | undefined> {
  try {
    await engine.plan({ image, network, command: ['true'] });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
