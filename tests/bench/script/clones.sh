# The disks' sizes as the images say them: eight bytes from 24 on.
sizes() {
  (cd "$pool/clones" && names | sed 's/$/.qcow2/' | xargs head -q -c 32) |
    od -A n -v -t u8 --endian=big -w32 | awk '{ print $4 / 1048576 }'
}

make_clones() {
  make_template
  each make_clone
  cut -d ' ' -f 3 "$work/volumes" > "$work/wanted"
  sizes > "$work/found"
  cmp -s "$work/wanted" "$work/found" || { echo "the clones' sizes are not as wanted" >&2; return 1; }
}

grow_clone() {
  systemctl stop "bench-export@$name"
  qemu-img resize -q -f qcow2 "$pool/clones/$name.qcow2" "${size}M"
  systemctl start "bench-export@$name"
}

grow_clones() {
  each grow_clone
}

remove_clones() {
  rm -rf "$pool"
}
