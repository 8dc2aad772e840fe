import { MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOSUID } from '../../core/plugin/index.js';

/** What a file system that holds no programs and no devices is mounted with. */
export const HARMLESS = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

export const LINK_HINT =
  '/proc, /sys and /dev must be directories in the image: a link or a file in their place is refused';
