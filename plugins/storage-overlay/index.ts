import { definePlugin, HOST, STATE_PATHS } from '../../core/plugin/index.js';
import { OverlayDriver } from './overlay-driver.js';

export default definePlugin({
  name: 'storage-overlay',
  apiVersion: 1,
  drivers: {
    storage: { overlay: (container) => new OverlayDriver(container.resolve(HOST), container.resolve(STATE_PATHS)) },
  },
});
