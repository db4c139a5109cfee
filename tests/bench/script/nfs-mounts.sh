make_nfs_mounts() {
  awk -v from="$storage:$exported" -v at="$mounted" \
    '{ printf "%s/%s %s/%s nfs4 hard,vers=4.2,proto=tcp,_netdev,nofail 0 0\n", from, $1, at, $1 }' \
    "$work/volumes" | keep_in_fstab
  mkdir -p -m 755 "$mounted"
  (umask 022 && cd "$mounted" && names | xargs mkdir -p)
  mount -a -F -t nfs4
}

remove_nfs_mounts() {
  unmount_all
}
