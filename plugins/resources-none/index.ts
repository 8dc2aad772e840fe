import { definePlugin } from '../../core/plugin/index.js';
import { NoneDriver } from './none-driver.js';

export default definePlugin({
  name: 'resources-none',
  apiVersion: 1,
  drivers: { resources: { none: () => new NoneDriver() } },
});
