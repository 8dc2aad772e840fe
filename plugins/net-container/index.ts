import { definePlugin } from '../../core/plugin/index.js';
import { NetContainerDriver } from './net-container-driver.js';

export default definePlugin({
  name: 'net-container',
  apiVersion: 1,
  drivers: { network: { container: () => new NetContainerDriver() } },
});
