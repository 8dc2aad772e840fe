import { MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOSUID } from '../../core/plugin/index.js';

/** What a file system that holds no programs and no devices is mounted with. */
export const HARMLESS = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

export const LINK_HINT = 'a link in the place of /proc, /sys or /dev is refused: make it a directory in the image';
