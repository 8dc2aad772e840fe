import { accessSync, constants } from 'node:fs';
import type { NetworkKernel } from './network-kernel.js';

export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** True, or what the kernel says. */
export function hasNfTables({ nft }: NetworkKernel): true | string {
  try {
    nft.probe();
    return true;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
