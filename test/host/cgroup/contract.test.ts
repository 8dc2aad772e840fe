import v1 from '../../../plugins/cgroup-v1/index.js';
import v2 from '../../../plugins/cgroup-v2/index.js';
import none from '../../../plugins/resources-none/index.js';
import { describeResourceDriver } from '../../contract/index.js';
import { missing } from '../../support/requirements.js';

const moduleOf = (name: string) => new URL(`../../../plugins/${name}/index.ts`, import.meta.url);

describeResourceDriver(none, { driver: 'none', module: moduleOf('resources-none') });
// A machine has its controllers in one of the two; the other driver is tested where they are in that.
if (missing(['cgroup2']).length > 0) describeResourceDriver(v1, { driver: 'cgroup-v1', module: moduleOf('cgroup-v1') });
else describeResourceDriver(v2, { driver: 'cgroup-v2', module: moduleOf('cgroup-v2') });
