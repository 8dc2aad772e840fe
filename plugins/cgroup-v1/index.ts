import {
  cgroupRemovals,
  definePlugin,
  HOST,
  REMOVE_CGROUPS,
  readCgroupLayout,
  undoCgroups,
} from '../../core/plugin/index.js';
import { CgroupV1Driver } from './cgroup-v1-driver.js';

export default definePlugin({
  name: 'cgroup-v1',
  apiVersion: 1,
  drivers: {
    resources: { 'cgroup-v1': (container) => new CgroupV1Driver(container.resolve(HOST), readCgroupLayout()) },
  },
  undo: { [REMOVE_CGROUPS]: undoCgroups },
  removals: { [REMOVE_CGROUPS]: cgroupRemovals },
});
