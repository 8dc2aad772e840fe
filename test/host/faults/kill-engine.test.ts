import { afterAll, beforeAll } from 'vitest';
import { builtins } from '../../../plugins/builtins.js';
import type { CampaignResult } from '../../support/faults/campaigns.js';
import { COMBINATIONS } from '../../support/faults/combinations.js';
import { holdParents } from '../../support/faults/held-cgroups.js';
import { type KillPlace, killEngineAtEveryCall, killEngineAtEveryOp } from '../../support/faults/kill-engine.js';
import { report } from '../../support/faults/report.js';
import { smallImage } from '../../support/faults/small-image.js';
import { Victims } from '../../support/faults/victim.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { it } = skipUnless('root', 'busybox', 'overlay', 'cgroup1', 'ip', 'nft');
const { directory } = tempRoot();
const image = `${directory}/image`;
let victims: Victims;
let release: () => void;
beforeAll(() => {
  release = holdParents();
  smallImage(image);
  victims = new Victims(directory);
});

afterAll(() => release());

const LONG = { timeout: 600_000 };

/** Two processes at a time, which never both make bridges: one kind after the other in each lane. */
async function inLanes(what: string, kill: (victims: Victims, place: KillPlace) => Promise<CampaignResult>) {
  const lane = async (network: string) => {
    const results: [string, CampaignResult][] = [];
    for (const one of COMBINATIONS.filter(({ values }) => values.network === network)) {
      results.push([
        one.name,
        await kill(victims, {
          directory: `${directory}/${one.turn}`,
          image,
          one,
          assembly: { plugins: builtins },
          alone: network !== 'none',
        }),
      ]);
    }
    return results;
  };
  const lanes = await Promise.all([lane('none'), lane('bridge')]);
  for (const [name, result] of lanes.flat()) report(`${name}, SIGKILL of the engine ${what}`, result);
}

it('an engine that is killed before any of its calls leaves nothing after gc', LONG, () =>
  inLanes('at a call', killEngineAtEveryCall),
);

it('an engine that is killed takes its child along, whatever op that is at', LONG, () =>
  inLanes('at an op', killEngineAtEveryOp),
);
