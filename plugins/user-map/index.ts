import { definePlugin, GATE, HOST } from '../../core/plugin/index.js';
import { AutoDriver } from './auto-driver.js';
import { HostDriver } from './host-driver.js';
import { RangeDriver } from './range-driver.js';
import { releaseRange } from './range-lease.js';
import { removeSubordinate } from './remove-subordinate.js';

export default definePlugin({
  name: 'user-map',
  apiVersion: 1,
  drivers: {
    userns: {
      host: (container) => new HostDriver(container.resolve(HOST)),
      auto: (container) => new AutoDriver(container.resolve(GATE), container.resolve(HOST)),
      range: (container) => new RangeDriver(container.resolve(GATE), container.resolve(HOST)),
    },
  },
  undo: { 'release-range': releaseRange, 'remove-subordinate': removeSubordinate },
});
