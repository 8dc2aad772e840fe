import { definePlugin } from '../../core/plugin/index.js';
import { NetNoneDriver } from './net-none-driver.js';

export default definePlugin({
  name: 'net-none',
  apiVersion: 1,
  drivers: { network: { none: () => new NetNoneDriver() } },
});
