import { expect } from 'vitest';
import { definePlugin } from '../../../core/plugin/index.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { executing } from './support.js';

const { describe, it } = skipUnless('root', 'busybox');
const PR_SET_NAME = 15;
const RLIMIT_FSIZE = 1;

describe('plugins from outside', () => {
  const seen: unknown[] = [];
  const limiting = definePlugin({
    name: 'limiting',
    apiVersion: 1,
    hooks: {
      preExec: ({ child, launch }) => {
        seen.push(launch.entering);
        const limit = Buffer.alloc(16);
        limit.writeUInt32LE(8192, 0);
        limit.writeUInt32LE(8192, 8);
        child.inside.call('prlimit64', [0, RLIMIT_FSIZE, limit, null]);
      },
    },
  });
  const { start, exec } = executing(tempRoot(), [limiting]);

  it('hold for what is executed, too', async () => {
    const box = await start();
    expect((await exec(box, 'ulimit -f')).stdout).toBe('16\n');
    expect(seen).toEqual([undefined, { detached: false }]);
  });
});

describe('plugins that want what an exec cannot give', () => {
  const deeds = { outside: false, step: false };
  const strange = definePlugin({
    name: 'strange',
    apiVersion: 1,
    hooks: {
      preExec: async ({ child, launch }) => {
        if (!launch.entering) return;
        if (deeds.outside) child.outside.call('prctl', [PR_SET_NAME, 'strange']);
        if (deeds.step) await launch.step({ action: 'take', target: 'something', run: () => {} });
      },
    },
  });
  const { start, exec } = executing(tempRoot(), [strange]);

  it.each(['outside', 'step'] as const)('are named (%s)', async (deed) => {
    const box = await start();
    deeds[deed] = true;
    await expect(exec(box, ['true'])).rejects.toMatchObject({
      code: 'ERR_TSBOX_PLUGIN',
      what: 'plugin "strange" cannot take part in exec',
    });
    deeds[deed] = false;
    expect((await exec(box, ['true'])).status).toBe(0);
  });
});
