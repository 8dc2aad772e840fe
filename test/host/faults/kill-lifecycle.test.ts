import { beforeAll } from 'vitest';
import { builtins } from '../../../plugins/builtins.js';
import { killLifecycle, type Stage } from '../../support/faults/kill-lifecycle.js';
import { report } from '../../support/faults/report.js';
import { smallImage } from '../../support/faults/small-image.js';
import { Victims } from '../../support/faults/victim.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { it } = skipUnless('root', 'busybox', 'overlay', 'cgroup1');
const { directory } = tempRoot();
const image = `${directory}/image`;
let victims: Victims;
beforeAll(() => {
  smallImage(image);
  victims = new Victims(directory);
});

const LONG = { timeout: 300_000 };
const values = { storage: 'overlay', network: 'none', resources: 'cgroup-v1' };
const STAGES: readonly Stage[] = ['run -d', 'start', 'stop', 'rm -f'];

it.each(STAGES)(
  '%s, killed before any of its calls, leaves a container that is usable, or nothing',
  LONG,
  async (stage) => {
    const lab = { directory: `${directory}/lab`, image, values, assembly: { plugins: builtins } };
    report(`SIGKILL of ${stage} at a call`, await killLifecycle(victims, lab, stage));
  },
);
