import { definePlugin, WORKS } from '../../core/plugin/index.js';

export default definePlugin({
  name: 'security-none',
  apiVersion: 1,
  drivers: { security: { none: () => ({ check: () => WORKS, record: () => {}, recordKey: () => '' }) } },
});
