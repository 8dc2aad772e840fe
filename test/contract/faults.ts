import { mkdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, it } from 'vitest';
import {
  type CampaignTools,
  failEveryCall,
  failEveryOp,
  failEveryUndo,
  killAtEveryOp,
} from '../support/faults/campaigns.js';
import { type KillPlace, killEngineAtEveryCall, killEngineAtEveryOp } from '../support/faults/kill-engine.js';
import { Lab } from '../support/faults/lab.js';
import { OwnPoints, someOf } from '../support/faults/own-points.js';
import { takeReference } from '../support/faults/reference.js';
import { report } from '../support/faults/report.js';
import { Victims } from '../support/faults/victim.js';
import { Watchdog } from '../support/faults/watchdog.js';
import { LONG, type Stage } from './stage.js';

/** How many processes of tsbox are killed, where not everything is asked for. */
const KILLS = { calls: 24, ops: 16 } as const;

/**
 * Launches that meet a fault: the errno of a call, of an op, of an undo, the end of a process. By default at the
 * plugin's own points and at some of the others; with TSBOX_FAULTS=all at each there is.
 */
export function describeFaults(stage: Stage): void {
  const { subject } = stage;

  describe('where something fails', () => {
    let tools: CampaignTools;
    let dog: Watchdog | undefined;
    beforeAll(async () => {
      dog = new Watchdog();
      await dog.ready();
      const lab = new Lab(`${stage.directory}/lab`, stage.image, subject.values, subject.assembly());
      tools = { lab, reference: await takeReference(lab), dog, selection: new OwnPoints(subject.plugin.name), turn: 0 };
    }, LONG.timeout);
    afterAll(() => dog?.close());

    it('fails with the reason or works as asked, whichever call to the host it is', LONG, async () => {
      report(`${subject.title}, errno of a call`, await failEveryCall(tools));
    });

    it('fails with the reason or works as asked, whichever op of the child it is', LONG, async () => {
      report(`${subject.title}, errno of an op`, await failEveryOp(tools));
    });

    it('leaves nothing that gc does not find, whichever call of its undoing fails as well', LONG, async () => {
      report(`${subject.title}, errno of an op and of an undo`, await failEveryUndo(tools));
    });

    it('tells about a child that is killed at any op, and takes everything back', LONG, async () => {
      report(`${subject.title}, SIGKILL of the child`, await killAtEveryOp(tools));
    });
  });

  describe('where the engine is killed', () => {
    const place = (): KillPlace => ({
      directory: `${stage.directory}/killed`,
      image: stage.image,
      one: { name: subject.title, values: subject.values, turn: 0 },
      assembly: subject.assembly(stage.directory),
      alone: true,
      choose: (sort, points) => someOf(points, KILLS[sort]),
    });
    const victims = () => {
      const directory = `${stage.directory}/victims`;
      mkdirSync(directory, { recursive: true });
      return new Victims(directory);
    };
    afterAll(() => rmSync(`${stage.directory}/victims`, { recursive: true, force: true }));

    it('leaves nothing after gc, whichever of its calls that is before', LONG, async () => {
      report(`${subject.title}, SIGKILL of the engine at a call`, await killEngineAtEveryCall(victims(), place()));
    });

    it('takes its child along, whatever op that is at', LONG, async () => {
      report(`${subject.title}, SIGKILL of the engine at an op`, await killEngineAtEveryOp(victims(), place()));
    });
  });
}
