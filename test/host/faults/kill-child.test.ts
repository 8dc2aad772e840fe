import { afterAll, beforeAll } from 'vitest';
import { builtins } from '../../../plugins/builtins.js';
import { killAtEveryOp } from '../../support/faults/campaigns.js';
import { COMBINATIONS } from '../../support/faults/combinations.js';
import { Lab } from '../../support/faults/lab.js';
import { takeReference } from '../../support/faults/reference.js';
import { report } from '../../support/faults/report.js';
import { Selection } from '../../support/faults/selection.js';
import { smallImage } from '../../support/faults/small-image.js';
import { Watchdog } from '../../support/faults/watchdog.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { it } = skipUnless('root', 'busybox', 'overlay', 'cgroup1', 'ip', 'nft');
const { directory } = tempRoot();
const image = `${directory}/image`;
const dog = new Watchdog();
const selection = new Selection();
beforeAll(() => void smallImage(image));
afterAll(() => dog.close());

const LONG = { timeout: 300_000 };

it.each(COMBINATIONS)(
  'a child with $name that is killed at any op is told about, and undone',
  LONG,
  async ({ name, values, turn }) => {
    const lab = new Lab(`${directory}/${turn}`, image, values, { plugins: builtins });
    const reference = await takeReference(lab);
    report(`${name}, SIGKILL of the child`, await killAtEveryOp({ lab, reference, dog, selection, turn }));
  },
);
