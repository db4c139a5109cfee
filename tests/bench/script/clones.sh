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

# The disks' sizes as the images say them: eight bytes from 24 on.
sizes() {
  (cd "$pool/clones" && names | sed 's/$/.qcow2/' | xargs head -q -c 32) |
    od -A n -v -t u8 --endian=big -w32 | awk '{ print $4 / 1048576 }'
}

make_clone() {
  image=$pool/clones/$name.qcow2
  if [ -e "$image" ]; then return; fi
  qemu-img create -q -f qcow2 -F qcow2 -b ../templates/base.qcow2 "$image.new" "${size}M"
  connect "$image.new"
  e2fsck -fp "$dev" > /dev/null || [ $? = 1 ]
  resize2fs "$dev" > /dev/null 2>&1
  tune2fs -U random -e remount-ro "$dev" > /dev/null
  tune2fs -O mmp -E mmp_update_interval=2 "$dev" > /dev/null
  disconnect
  mv "$image.new" "$image"
}

make_clones() {
  mkdir -p "$pool/templates" "$pool/clones"
  if [ ! -e "$base" ]; then
    qemu-img create -q -f qcow2 "$base.new" "${template_mib}M"
    connect "$base.new"
    mkfs.ext4 -q -F -O metadata_csum_seed -E lazy_itable_init=0,lazy_journal_init=0 "$dev"
    disconnect
    chmod 444 "$base.new"
    mv "$base.new" "$base"
  fi
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
