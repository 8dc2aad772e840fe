import { definePlugin, type Launch } from '../../core/plugin/index.js';
import { writeGeneratedFiles } from './generated-files.js';
import { mountsKey, recordMounts } from './record.js';
import { handOverSecrets } from './secret-files.js';
import { scattered } from './secrets.js';
import { validateMounts } from './validate.js';

export default definePlugin({
  name: 'mounts',
  apiVersion: 1,
  validate: validateMounts,
  recordKey: mountsKey,
  hooks: {
    preClone: ({ launch }) => prepare(launch),
    childSetup: { after: 'namespaces', handler: ({ child, launch }) => recordMounts(child, launch) },
  },
});

async function prepare(launch: Launch): Promise<void> {
  launch.duringClone(() => writeGeneratedFiles(launch));
  const { secrets } = launch.spec;
  if (!secrets) return;
  if (scattered(secrets).length > 0) await launch.directories('secrets');
  await handOverSecrets(launch);
}
