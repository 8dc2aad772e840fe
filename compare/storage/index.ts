import type { ComparisonContext, Plan } from '../context.js';
import { driverCandidates } from '../driver-candidates.js';
import { ownCommand } from '../own-command.js';
import { lifeWorkload } from './life.js';
import { pageCacheWorkload } from './page-cache.js';
import { randomReadWorkload, randomWriteWorkload } from './random-io.js';
import { smallFilesWorkload } from './small-files.js';
import { spaceWorkload } from './space.js';
import { imageSizeWorkload } from './start.js';
import { Subject } from './subject.js';

const DEFAULT_BYTES = 500e6;

/** What storage drivers differ in. */
export async function storageWorkloads(context: ComparisonContext): Promise<Plan> {
  const { engine, options } = context;
  // An image that is not there is one error, and not one of each candidate.
  if (options.image !== undefined)
    await engine.plan({ image: options.image, network: 'none', entrypoint: '/bin/true' });
  const subject = new Subject(context, options.imageBytes ?? DEFAULT_BYTES);
  const isOwnImage = options.image === undefined;
  return {
    candidates: await driverCandidates(engine, 'storage'),
    subject: subject.about,
    workloads: [
      lifeWorkload(subject),
      ...(isOwnImage ? [imageSizeWorkload(subject)] : []),
      smallFilesWorkload(subject),
      await randomReadWorkload(subject),
      await randomWriteWorkload(subject),
      spaceWorkload(subject),
      pageCacheWorkload(subject),
      ...ownCommand(context, (storage) => ({ image: options.image ?? 'host', storage, network: 'none' })),
    ],
  };
}
