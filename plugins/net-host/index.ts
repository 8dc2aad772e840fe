import { definePlugin } from '../../core/plugin/index.js';
import { NetHostDriver } from './net-host-driver.js';

export default definePlugin({
  name: 'net-host',
  apiVersion: 1,
  drivers: { network: { host: () => new NetHostDriver() } },
});
