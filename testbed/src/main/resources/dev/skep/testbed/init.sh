# The first process of a lab host: sh init.sh NAME DIRECTORY
set -eu
name=$1
dir=$2

hostname "$name"

# The other hosts' namespace handles came along as copies; a copy would keep a removed one alive.
umount -R /run/netns 2>/dev/null || :
# A machine's own /run: engines keep sockets and state there under fixed names.
mount -t tmpfs -o mode=755 lab-run /run

# On some machines resolv.conf is a link to below /run, which is now empty.
resolv=$(readlink -m /etc/resolv.conf)
mkdir -p "${resolv%/*}"
[ -e "$resolv" ] || : >"$resolv"
mount --bind "$dir/etc/resolv.conf" "$resolv"
mount --bind "$dir/etc/hosts" /etc/hosts

# The engine takes its identity from a key in here: shared, all nodes would be the same engine.
mkdir -p /etc/docker
mount --bind "$dir/etc/docker" /etc/docker

: >"$dir/ready"
# wait also collects the orphans that the first process of a host inherits.
while :; do
	sleep 3600 &
	wait $! || :
done
