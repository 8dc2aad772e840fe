import { definePlugin } from '../../core/plugin/index.js';
import { writeGeneratedFiles } from './generated-files.js';
import { recordMounts } from './record.js';
import { validateMounts } from './validate.js';

export default definePlugin({
  name: 'mounts',
  apiVersion: 1,
  validate: validateMounts,
  hooks: {
    preClone: ({ launch }) => writeGeneratedFiles(launch),
    childSetup: { after: 'namespaces', handler: ({ child, launch }) => recordMounts(child, launch) },
  },
});
