make_nfs_exports() {
  read -r threads < /proc/fs/nfsd/threads || threads=0
  [ "$threads" -gt 0 ] || systemctl enable -q --now nfs-server
  mkdir -p -m 755 "$exported" /etc/exports.d
  (umask 022 && cd "$exported" && names | xargs mkdir -p)
  awk -v at="$exported" '{ printf "%s/%s %s(rw,sync,no_root_squash,no_subtree_check,fsid=%d)\n", at, $1, $2, NR }' \
    "$work/volumes" > "$work/exports"
  if replaced "$work/exports" /etc/exports.d/bench.exports ||
    [ "$(grep -c "^$exported/" /var/lib/nfs/etab)" != "$(names | wc -l)" ]; then
    exportfs -ra
  fi
}

remove_nfs_exports() {
  rm -f /etc/exports.d/bench.exports
  exportfs -ra
  if [ -d "$exported" ]; then (cd "$exported" && names | xargs rm -rf --one-file-system --); fi
}
