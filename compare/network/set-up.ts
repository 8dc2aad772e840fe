import type { Trial, Workload } from '../workload.js';
import { containerOptions, type Lab, startInContainer } from './lab.js';

const NOTHING = { close: async () => {} };

/** What a network costs a container at its beginning and at its end. */
export function setUpWorkloads(lab: Lab): Workload[] {
  return [
    {
      name: 'set-up',
      yields: yieldsOf('set-up', 'the only container', 'no other container of this comparison is on the network'),
      open: async (driver) => trialOf(lab, driver, NOTHING),
    },
    {
      name: 'set-up-beside',
      yields: yieldsOf('set-up-beside', 'beside another', 'another container is on the network all the time'),
      open: async (driver) => trialOf(lab, driver, await startInContainer(lab, driver)),
    },
  ];
}

function yieldsOf(name: string, title: string, while_: string): Workload['yields'] {
  return [
    {
      name,
      title: `set up, ${title}`,
      description: `From the call of run until the command runs, in a warm engine, while ${while_}.`,
      group: 'set-up and tear-down',
      unit: 'ns',
      better: 'less',
    },
    {
      name: name.replace('set-up', 'tear-down'),
      title: `tear down, ${title}`,
      description: `From there until the command, true, has ended and all of the container is gone, while ${while_}.`,
      group: 'set-up and tear-down',
      unit: 'ns',
      better: 'less',
    },
  ];
}

function trialOf(lab: Lab, driver: string, beside: Pick<Trial, 'close'>): Trial {
  return {
    run: async () => {
      const start = process.hrtime.bigint();
      const box = await lab.context.engine.run({
        ...containerOptions(lab, driver),
        command: ['true'],
        stdio: 'ignore',
      });
      const runs = process.hrtime.bigint();
      const { exitCode } = await box.wait();
      const gone = process.hrtime.bigint();
      if (exitCode !== 0) throw new Error(`true ended with ${exitCode}`);
      return [Number(runs - start), Number(gone - runs)];
    },
    close: () => beside.close(),
  };
}
