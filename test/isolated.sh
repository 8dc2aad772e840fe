#!/bin/sh
# The host project on a host of its own: namespaces and a part of each cgroup hierarchy, for a machine on
# which other things run at the same time. `test/isolated.sh [VITEST ARGS...]`, or `test/isolated.sh -- COMMAND...`
cd "$(dirname "$0")/.." || exit 1
own=tsbox-isolated-$$
remove() {
  for group in /sys/fs/cgroup/*/$own; do
    # A process that has just been killed leaves its cgroup some time later.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
      [ -d "$group" ] || break
      sleep 0.1
    done
  done
}
trap remove EXIT
# All of them end with their first process, which ends with unshare, which ignores SIGTERM.
child=
stopped=
trap 'stopped=1; [ -z "$child" ] || kill -KILL "$child" 2>/dev/null' HUP INT TERM
# A command in the background would have no input.
exec 9<&0
for hierarchy in /sys/fs/cgroup/*/; do
  [ -e "$hierarchy/cgroup.procs" ] || continue
  mkdir "$hierarchy/$own" || exit 1
  for file in cpuset.cpus cpuset.mems; do
    [ ! -e "$hierarchy/$file" ] || cat "$hierarchy/$file" >"$hierarchy/$own/$file"
  done
done
# A shell that enters them, so that this one can remove them afterwards. Not in its foreground: a shell that
# waits for that does not hear a signal.
sh -c '
own=$1
shift
for group in /sys/fs/cgroup/*/$own; do echo $$ >"$group/cgroup.procs" || exit 1; done
exec unshare --mount --net --ipc --uts --cgroup --pid --fork --kill-child --mount-proc --propagation private sh -c '\''
  for directory in /tmp /var/tmp /dev/shm /run /var/lib; do mount -t tmpfs -o mode=1777 isolated $directory; done
  # The same hierarchies, each with what is seen from here as its root.
  hierarchies=$(grep -E "^[^ ]+ /sys/fs/cgroup/[^ ]+ cgroup2? " /proc/mounts)
  mount -t tmpfs -o mode=755 isolated /sys/fs/cgroup
  echo "$hierarchies" | while read -r _ place type options _; do
    [ $type = cgroup2 ] && options=rw
    mkdir $place
    mount -t $type -o ${options%,release_agent=*} isolated $place || exit 1
  done
  ip link set lo up
  # ip(8) makes /run/netns a mount at its first use, and never takes that back.
  ip netns add isolated && ip netns delete isolated
  export TSBOX_TEST_ISOLATED=1
  # Not exec: a shell as pid 1 reaps what is orphaned, as monitors are.
  if [ "$1" = -- ]; then
    shift
    "$@"
  else
    node node_modules/vitest/vitest.mjs run --project host --project machine "$@"
  fi'\'' sh "$@"' sh $own "$@" <&9 9<&- &
child=$!
[ -z "$stopped" ] || kill -KILL "$child"
wait "$child" 2>/dev/null
status=$?
# Woken by a signal.
if kill -0 "$child" 2>/dev/null; then
  wait "$child" 2>/dev/null
  status=$?
fi
exit "$status"
