import { definePlugin, GATE, HOST } from '../../core/plugin/index.js';
import { BRIDGE_TABLE, bridgeOptions } from './net-bridge-config.js';
import { NetBridgeDriver } from './net-bridge-driver.js';
import { releaseContainer } from './release.js';
import { unplug } from './veth.js';

export default definePlugin({
  name: 'net-bridge',
  apiVersion: 1,
  options: BRIDGE_TABLE,
  drivers: {
    network: {
      bridge: (container, options) =>
        new NetBridgeDriver(container.resolve(GATE), container.resolve(HOST), bridgeOptions(options)),
    },
  },
  undo: { release: releaseContainer, unplug },
});
