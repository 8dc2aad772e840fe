# Stage two, process 1 of the new root: what systemd would have set up, then the command.
VM=/run/vm/busybox
. /run/vm/job

# A port can be open once. The descriptor is kept for both directions: what is written is the
# command's status; end of file means that whoever started this machine is gone.
for port in /sys/class/virtio-ports/*; do
  case $($VM cat "$port/name") in
    tsbox.output) output=/dev/${port##*/} ;;
    tsbox.status) exec 9<>"/dev/${port##*/}" ;;
  esac
done
{ read -r _ <&9; $VM poweroff -f; } &

# A host that runs systemd has its root shared; a container's mounts must not spread all the same.
$VM mount --make-rshared /
$VM mount -t securityfs security /sys/kernel/security
$VM mkdir -p /dev/pts /dev/shm /var/lib/tsbox /run/lock
$VM mount -t devpts -o gid=5,mode=620,ptmxmode=000 devpts /dev/pts
$VM mount -t tmpfs -o mode=1777,nosuid,nodev shm /dev/shm
# Upper directories cannot be on an overlay, and the root is one: state and TMPDIR are on tmpfs.
# /tmp stays the host's, since the command may well be a file in it.
$VM mount -t tmpfs -o mode=755 tsbox /var/lib/tsbox
$VM mkdir -m 1777 /run/tmp
$VM mount -t tmpfs -o mode=1777 tmp /run/tmp
$VM ln -sfn /proc/self/fd /dev/fd
for i in 0:stdin 1:stdout 2:stderr; do $VM ln -sfn "/proc/self/fd/${i%:*}" "/dev/${i#*:}"; done

# The kernel loads file systems, link kinds and netfilter expressions by itself through this program.
# What is named below has a device node or a sysctl that must be there before it is asked for.
$VM mkdir -p /lib/modules
$VM ln -sfn "$VM_MODULES" "/lib/modules/$VM_RELEASE"
$VM ln -s busybox /run/vm/modprobe
echo /run/vm/modprobe >/proc/sys/kernel/modprobe
$VM modprobe -a fuse tun loop veth bridge br_netfilter nf_tables nft_chain_nat nft_masq nft_nat \
  nft_ct nft_redir nft_fib nft_fib_ipv4 nft_fib_ipv6 nft_fib_inet

$VM mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 /sys/fs/cgroup
for controller in $($VM cat /sys/fs/cgroup/cgroup.controllers); do
  echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
done
# Like a login session, the command is in a leaf: the root cgroup is exempt from rules that
# containers meet everywhere else (no processes beside enabled controllers).
$VM mkdir /sys/fs/cgroup/session.scope

$VM hostname vm
$VM ip link set lo up
# The kernel starts its first process with a hard limit of 4096, systemd raises it.
ulimit -Hn 524288

$VM mkfifo /run/vm/output
$VM cat /run/vm/output >"$output" &
drain=$!
(
  echo 0 >/sys/fs/cgroup/session.scope/cgroup.procs
  cd "$VM_CWD" || exit 125
  vm_exec
) </dev/null >/run/vm/output 2>&1 9>&- &
wait $!
status=$?

# Whatever the command left running would hold the pipe open. All of it is below some cgroup, while
# this shell and the drain are in the root.
for kill in /sys/fs/cgroup/*/cgroup.kill; do echo 1 >"$kill"; done
wait $drain
echo "status $status" >&9
$VM poweroff -f
