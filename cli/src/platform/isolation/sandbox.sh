#!/bin/sh
# Run by `unshare` in new namespaces: builds a root file system that holds what is listed and nothing else, enters it,
# says "ready" and keeps the namespaces alive for as long as the holder command runs.
#
#   sandbox.sh <empty directory> [ro|rw|tmp|up <source> <target>]... -- <holder command>
set -eu
root=$1
shift

bring_loopback_up() {
  ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null || python3 -c '
import fcntl, socket, struct
s = socket.socket()
fcntl.ioctl(s, 0x8914, struct.pack("16sH14s", b"lo", 0x49, b""))'
}

# A mount point of the same kind as what will be mounted on it.
make_mount_point() {
  if [ -d "$1" ]; then mkdir -p "$2"; else mkdir -p "$(dirname "$2")" && : >"$2"; fi
}

bind() {
  make_mount_point "$2" "$3"
  mount --bind "$2" "$3"
  mount -o "remount,bind,$1,nosuid" "$3"
}

# /usr, and the root's own names for its parts: links on a merged system, folders on an old one.
bind_system() {
  bind ro,nodev /usr "$root/usr"
  for name in bin sbin lib lib32 lib64 libx32; do
    if [ -L "/$name" ]; then ln -s "$(readlink "/$name")" "$root/$name"
    elif [ -d "/$name" ]; then bind ro,nodev "/$name" "$root/$name"; fi
  done
  if [ -e /etc/ld.so.cache ]; then bind ro,nodev /etc/ld.so.cache "$root/etc/ld.so.cache"; fi
  for name in null zero random urandom; do bind rw "/dev/$name" "$root/dev/$name"; done
}

mount -t tmpfs -o mode=0755,size=1m,nosuid,nodev vivified "$root"
bind_system
mkdir -p "$root/proc" "$root/old"
while [ "$1" != "--" ]; do
  case $1 in
    ro | rw) bind "$1,nodev" "$2" "$root$3" ;;
    tmp) mkdir -p "$root$3" && mount -t tmpfs -o "mode=1777,size=$2,nosuid,nodev,noexec" vivified "$root$3" ;;
    up) bring_loopback_up ;;
  esac
  shift 3
done
shift

cd "$root"
pivot_root . old
mount -t proc -o nosuid,nodev,noexec proc /proc
umount -l /old
rmdir /old
mount -o remount,ro,nosuid,nodev /
echo ready

# The first process of a PID namespace inherits what others leave behind, and only a process that waits lets the kernel
# forget them: otherwise they add up against the limit of processes, until nothing can be started inside.
exec 3<&0
"$@" <&3 &
wait "$!"
