import bridge from '../../../plugins/net-bridge/index.js';
import host from '../../../plugins/net-host/index.js';
import none from '../../../plugins/net-none/index.js';
import { describeNetworkDriver } from '../../contract/index.js';

const moduleOf = (name: string) => new URL(`../../../plugins/${name}/index.ts`, import.meta.url);

describeNetworkDriver(none, { driver: 'none', module: moduleOf('net-none') });
describeNetworkDriver(host, { driver: 'host', module: moduleOf('net-host') });
describeNetworkDriver(bridge, { driver: 'bridge', module: moduleOf('net-bridge'), address: '10.209.0.9' });
