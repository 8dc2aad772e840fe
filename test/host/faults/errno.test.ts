import { afterAll, beforeAll, expect } from 'vitest';
import { builtins } from '../../../plugins/builtins.js';
import { type CampaignTools, failEveryCall, failEveryOp, failEveryUndo } from '../../support/faults/campaigns.js';
import { COMBINATIONS } from '../../support/faults/combinations.js';
import { Lab } from '../../support/faults/lab.js';
import { takeReference } from '../../support/faults/reference.js';
import { report } from '../../support/faults/report.js';
import { Selection } from '../../support/faults/selection.js';
import { smallImage } from '../../support/faults/small-image.js';
import { Watchdog } from '../../support/faults/watchdog.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'cgroup1', 'ip', 'nft');
const { directory } = tempRoot();
const image = `${directory}/image`;
const dog = new Watchdog();
const selection = new Selection();
beforeAll(() => void smallImage(image));
afterAll(() => dog.close());

const LONG = { timeout: 300_000 };

describe.each(COMBINATIONS)('a launch with $name, where something fails', ({ name, values, turn }) => {
  let tools: CampaignTools;
  beforeAll(async () => {
    const lab = new Lab(`${directory}/${turn}`, image, values, { plugins: builtins });
    const reference = await takeReference(lab);
    expect(reference.calls.length).toBeGreaterThan(100);
    expect(reference.ops.size).toBeGreaterThan(100);
    tools = { lab, reference, dog, selection, turn };
  });

  it('fails with the reason or works as asked, whichever call to the host it is', LONG, async () => {
    report(`${name}, errno of a call`, await failEveryCall(tools));
  });

  it('fails with the reason or works as asked, whichever op of the child it is', LONG, async () => {
    report(`${name}, errno of an op`, await failEveryOp(tools));
  });

  it('leaves nothing that gc does not find, whichever call of its undoing fails as well', LONG, async () => {
    report(`${name}, errno of an op and of an undo`, await failEveryUndo(tools));
  });
});
