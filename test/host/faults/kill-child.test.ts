import { afterAll, beforeAll } from 'vitest';
import { killAtEveryOp, takeReference } from '../../support/faults/campaigns.js';
import { COMBINATIONS } from '../../support/faults/combinations.js';
import { Lab } from '../../support/faults/lab.js';
import { report } from '../../support/faults/report.js';
import { smallImage } from '../../support/faults/small-image.js';
import { Watchdog } from '../../support/faults/watchdog.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { it } = skipUnless('root', 'busybox', 'overlay', 'cgroup1', 'ip', 'nft');
const { directory } = tempRoot();
const image = `${directory}/image`;
const dog = new Watchdog();
beforeAll(() => void smallImage(image));
afterAll(() => dog.close());

const LONG = { timeout: 300_000 };

it.each(COMBINATIONS)(
  '$name: a child that is killed at any op is told about, and undone',
  LONG,
  async ({ name, values, turn }) => {
    const lab = new Lab(`${directory}/${turn}`, image, values);
    report(`${name}, SIGKILL of the child at an op`, await killAtEveryOp(lab, await takeReference(lab), dog));
  },
);
