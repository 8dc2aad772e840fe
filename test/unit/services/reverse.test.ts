import { expect, it } from 'vitest';
import { inReverseOrder } from '../../../core/services/reverse.js';

const SERVICES = [
  { name: 'db', dependsOn: [] },
  { name: 'cache', dependsOn: [] },
  { name: 'web', dependsOn: ['db', 'cache'] },
  { name: 'worker', dependsOn: ['db'] },
];

it('a service ends when all that wait for it have ended, side by side where it can be', async () => {
  const log: string[] = [];
  const failures = await inReverseOrder(SERVICES, async ({ name }) => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${name} ends`);
  });
  expect(failures).toEqual([]);
  expect(log.slice(0, 2).sort()).toEqual(['web begins', 'worker begins']);
  const before = (one: string, other: string) => expect(log.indexOf(one)).toBeLessThan(log.indexOf(other));
  before('web ends', 'db begins');
  before('worker ends', 'db begins');
  before('web ends', 'cache begins');
});

it('a failure keeps no other from its turn', async () => {
  const ended: string[] = [];
  const failures = await inReverseOrder(SERVICES, async ({ name }) => {
    if (name === 'web') throw new Error('stuck');
    ended.push(name);
  });
  expect(failures.map(({ message }) => message)).toEqual(['stuck']);
  expect(ended.sort()).toEqual(['cache', 'db', 'worker']);
});
