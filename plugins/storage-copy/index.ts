import { definePlugin, GATE, HOST } from '../../core/plugin/index.js';
import { CopyDriver } from './copy-driver.js';

export default definePlugin({
  name: 'storage-copy',
  apiVersion: 1,
  drivers: {
    storage: { copy: (container) => new CopyDriver(container.resolve(GATE), container.resolve(HOST)) },
  },
});
