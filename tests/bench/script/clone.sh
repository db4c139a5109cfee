base=$pool/templates/base.qcow2
next=0

# A device that was given up a moment ago may still be looked at by udev: the next one is taken.
connect() {
  for try in $(seq 100); do
    number=$((next % 16))
    next=$((next + 1))
    dev=/dev/nbd$number
    if qemu-nbd --connect="$dev" --format=qcow2 --discard=unmap "$1" 2> "$work/said"; then
      wait_until connected "$number"
      return
    fi
    sleep 0.1
  done
  cat "$work/said" >&2
  return 1
}

disconnect() {
  qemu-nbd --disconnect "$dev" > /dev/null
  wait_until disconnected "$number"
}

make_template() {
  if [ -e "$base" ]; then return; fi
  mkdir -p "$pool/templates" "$pool/clones"
  qemu-img create -q -f qcow2 "$base.new" "${template_mib}M"
  connect "$base.new"
  mkfs.ext4 -q -F -O metadata_csum_seed -E lazy_itable_init=0,lazy_journal_init=0 "$dev"
  disconnect
  chmod 444 "$base.new"
  mv "$base.new" "$base"
}

make_clone() {
  image=$pool/clones/$name.qcow2
  if [ -e "$image" ]; then return; fi
  qemu-img create -q -f qcow2 -F qcow2 -b ../templates/base.qcow2 "$image.new" "${size}M"
  connect "$image.new"
  resize2fs "$dev" > /dev/null 2>&1
  tune2fs -U random -e remount-ro "$dev" > /dev/null
  tune2fs -O mmp -E mmp_update_interval=5 "$dev" > /dev/null
  disconnect
  mv "$image.new" "$image"
}
