#!/bin/sh
# The host project in namespaces of its own, for a machine on which other things run at the same
# time: the leak fixture compares the whole host (here without cgroups, keys and dist). `test/isolated.sh [VITEST ARGS...]`
cd "$(dirname "$0")/.." || exit 1
exec unshare --mount --net --ipc --uts --pid --fork --kill-child --mount-proc --propagation private sh -c '
  for directory in /tmp /var/tmp /dev/shm /run /var/lib; do mount -t tmpfs -o mode=1777 isolated $directory; done
  ip link set lo up
  export TSBOX_TEST_ISOLATED=1
  # Not exec: a shell as pid 1 reaps what is orphaned, as monitors are.
  node node_modules/vitest/vitest.mjs run --project host "$@"' sh "$@"
