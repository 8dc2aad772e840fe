import { kernelAtLeast } from '../../../core/plugin/index.js';
import { CopyDriver } from '../../../plugins/storage-copy/copy-driver.js';
import { OverlayDriver } from '../../../plugins/storage-overlay/overlay-driver.js';
import { describeStorageDriver } from '../../contract/storage.js';
import { gate, host } from '../../contract/storage-bench.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const { describe } = skipUnless('root', 'overlay', 'attr');

describe('storage drivers', () => {
  describeStorageDriver('copy', () => new CopyDriver(gate, host), tempDirectory());
  // `lowerdir+` came with Linux 6.8; the other way works everywhere.
  for (const layerPassing of kernelAtLeast(host, 6, 8)
    ? (['append', 'descriptors'] as const)
    : (['descriptors'] as const)) {
    const make = (directory: string) =>
      new OverlayDriver(host, { root: directory, runroot: directory }, { layerPassing });
    describeStorageDriver(`overlay, layers passed by ${layerPassing}`, make, tempDirectory());
  }
});
