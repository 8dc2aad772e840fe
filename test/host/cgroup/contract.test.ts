import { readHost } from '../../../core/kernel/host.js';
import { readCgroupLayout } from '../../../core/plugin/index.js';
import { CgroupV1Driver } from '../../../plugins/cgroup-v1/cgroup-v1-driver.js';
import v1 from '../../../plugins/cgroup-v1/index.js';
import { CgroupV2Driver } from '../../../plugins/cgroup-v2/cgroup-v2-driver.js';
import v2 from '../../../plugins/cgroup-v2/index.js';
import none from '../../../plugins/resources-none/index.js';
import { NoneDriver } from '../../../plugins/resources-none/none-driver.js';
import { describeResourceDriver } from '../../contract/resources.js';
import { missing } from '../../support/requirements.js';
import { skipUnless } from '../../support/skip.js';

const layout = readCgroupLayout();

if (missing(['root']).length > 0) skipUnless('root');
else {
  describeResourceDriver('none', none, () => new NoneDriver());
  // A machine has its controllers in one of the two; the other driver is tested where they are in that.
  if (missing(['cgroup2']).length > 0)
    describeResourceDriver('cgroup-v1', v1, () => new CgroupV1Driver(readHost(), layout));
  else describeResourceDriver('cgroup-v2', v2, () => new CgroupV2Driver(readHost(), layout));
}
