import {
  cgroupRemovals,
  definePlugin,
  HOST,
  REMOVE_CGROUPS,
  readCgroupLayout,
  undoCgroups,
} from '../../core/plugin/index.js';
import { CgroupV2Driver } from './cgroup-v2-driver.js';

export default definePlugin({
  name: 'cgroup-v2',
  apiVersion: 1,
  drivers: {
    resources: { 'cgroup-v2': (container) => new CgroupV2Driver(container.resolve(HOST), readCgroupLayout()) },
  },
  undo: { [REMOVE_CGROUPS]: undoCgroups },
  removals: { [REMOVE_CGROUPS]: cgroupRemovals },
});
