// What the tests use of Debian: the program or file that shows that it is there, and its package.
export const TEST_PACKAGES = {
  '/bin/busybox': 'busybox-static',
  nft: 'nftables',
  ip: 'iproute2',
  ps: 'procps',
  newuidmap: 'uidmap',
  script: 'bsdutils',
  strace: 'strace',
  nginx: 'nginx-light',
  'redis-check-rdb': 'redis-tools',
  getfattr: 'attr',
  setfacl: 'acl',
  gcc: 'gcc',
  '/usr/include/stdio.h': 'libc6-dev',
  'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu',
  'qemu-aarch64-static': 'qemu-user-static',
};
