/** Overlay, for the storage drivers that are made of it. */
export type { HostEntry, HostPart, HostTree } from './host-view.js';
export { type LayerPassing, MAX_LAYERS, type OverlayStack, recordOverlay } from './overlay-mount.js';
export { OverlayRootfs, type OverlayRootfsOptions } from './overlay-rootfs.js';
export { overlaySupport, storeSupport } from './overlay-support.js';
export { adoptAttributes } from './upper-directory.js';
