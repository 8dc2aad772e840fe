import { beforeAll } from 'vitest';
import { COMBINATIONS, type Combination } from '../../support/faults/combinations.js';
import { killEngineAtEveryCall, killEngineAtEveryOp } from '../../support/faults/kill-engine.js';
import { report } from '../../support/faults/report.js';
import { smallImage } from '../../support/faults/small-image.js';
import { Victims } from '../../support/faults/victim.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { it } = skipUnless('root', 'busybox', 'overlay', 'cgroup1', 'ip', 'nft');
const { directory } = tempRoot();
const image = `${directory}/image`;
let victims: Victims;
beforeAll(() => {
  smallImage(image);
  victims = Victims.in(directory);
});

const LONG = { timeout: 300_000 };
const places = ({ turn }: Combination) => `${directory}/${turn}`;

it.each(COMBINATIONS)(
  '$name: an engine that is killed before any of its calls leaves nothing after gc',
  LONG,
  async (one) => {
    report(
      `${one.name}, SIGKILL of the engine at a call`,
      await killEngineAtEveryCall(victims, places(one), image, one.values),
    );
  },
);

it.each(COMBINATIONS)(
  '$name: an engine that is killed takes its child along, whatever op that is at',
  LONG,
  async (one) => {
    report(
      `${one.name}, SIGKILL of the engine at an op`,
      await killEngineAtEveryOp(victims, places(one), image, one.values),
    );
  },
);
