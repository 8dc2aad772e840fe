#!/vm/busybox sh
# Stage one, on the initial RAM disk: make a root file system out of the host's and go there.
VM=/vm/busybox
set -e

$VM mount -t devtmpfs dev /dev
$VM mount -t proc proc /proc
$VM mount -t sysfs sys /sys
$VM modprobe -a virtio_pci virtio_console 9pnet_virtio 9p overlay

# The host's files are the lower layer: an overlay may lie on 9p but not write to it, and the host
# must not be written to anyway. cache=loose believes that nobody else changes the files; without it
# every read of a page goes to the host. 512000 is the most that the virtio transport takes.
$VM mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose,access=any host /lower
$VM mount -t tmpfs -o mode=755 upper /upper
$VM mkdir /upper/upper /upper/work
$VM mount -t overlay -o lowerdir=/lower,upperdir=/upper/upper,workdir=/upper/work root /new

$VM mount --move /dev /new/dev
$VM mount --move /proc /new/proc
$VM mount --move /sys /new/sys
$VM mount -t tmpfs -o mode=755,nosuid,nodev run /new/run
$VM cp -a /vm /new/run/vm
exec $VM switch_root /new /run/vm/busybox sh /run/vm/main
