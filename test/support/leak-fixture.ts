// Set up before every file of the host project: the host and this process must end as they began.
import { afterAll } from 'vitest';
import { settledDifference, warmUp } from './leaks/settled.js';
import { takeSnapshot } from './leaks/snapshot.js';

await warmUp();
const before = await takeSnapshot();

afterAll(async () => {
  const difference = await settledDifference(before);
  if (difference) throw new Error(`the host is not as it was before this file\n${difference}`);
});
