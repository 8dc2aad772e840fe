import { definePlugin } from '../../core/plugin/index.js';
import { recordSandbox, sandboxKey } from './record.js';
import { validateSandbox } from './validate.js';

export default definePlugin({
  name: 'sandbox',
  apiVersion: 1,
  validate: validateSandbox,
  recordKey: sandboxKey,
  hooks: { preExec: ({ child, launch }) => recordSandbox(child, launch) },
});
