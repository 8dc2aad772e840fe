import { definePlugin, HOST, kernelAtLeast, STATE_PATHS } from '../../../core/plugin/index.js';
import copy from '../../../plugins/storage-copy/index.js';
import overlay from '../../../plugins/storage-overlay/index.js';
import { OverlayDriver } from '../../../plugins/storage-overlay/overlay-driver.js';
import { describeStorageDriver } from '../../contract/index.js';
import { host } from '../../contract/storage-bench.js';

const COPY = new URL('../../../plugins/storage-copy/index.ts', import.meta.url);
const OVERLAY = new URL('../../../plugins/storage-overlay/index.ts', import.meta.url);

describeStorageDriver(copy, { driver: 'copy', module: COPY });
describeStorageDriver(overlay, { driver: 'overlay', module: OVERLAY, needs: ['overlay'] });

// `lowerdir+` came with Linux 6.8; the other way works everywhere.
if (kernelAtLeast(host, 6, 8)) {
  const older = definePlugin({
    ...overlay,
    drivers: {
      storage: {
        overlay: (container) =>
          new OverlayDriver(container.resolve(HOST), container.resolve(STATE_PATHS), { layerPassing: 'descriptors' }),
      },
    },
  });
  describeStorageDriver(older, { driver: 'overlay', module: OVERLAY, needs: ['overlay'] });
}
