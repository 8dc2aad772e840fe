import type { CampaignResult } from './campaigns.js';

/** Says how many faults were met, and fails with all that was not as it must be. */
export function report(what: string, { points, survived, problems }: CampaignResult): void {
  process.stdout.write(`faults: ${what}: ${points} points, ${survived} of them survived\n`);
  if (problems.length > 0) throw new Error(`${what}: ${problems.length} problems\n${problems.join('\n')}`);
}
