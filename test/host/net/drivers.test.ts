import { readHost } from '../../../core/kernel/host.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { NetBridgeDriver } from '../../../plugins/net-bridge/net-bridge-driver.js';
import { NetHostDriver } from '../../../plugins/net-host/net-host-driver.js';
import { NetNoneDriver } from '../../../plugins/net-none/net-none-driver.js';
import { describeNetworkDriver } from '../../contract/network.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe } = skipUnless('root', 'overlay', 'ip', 'nft');

describe('network drivers', () => {
  const { root, runroot } = tempRoot();
  describeNetworkDriver('none', () => ({ driver: new NetNoneDriver(), root, runroot }));
  describeNetworkDriver('host', () => ({ driver: new NetHostDriver(), root, runroot }));
  describeNetworkDriver('bridge', () => {
    const driver = new NetBridgeDriver(new LibcGate(), readHost(), { nameservers: [] });
    driver.check();
    driver.dispose();
    return { driver, root, runroot };
  });
});
