attached=$pool/attachments

make_attachment() {
  if [ -e "$attached/$name/keys.psk" ]; then return; fi
  mkdir -p "$attached/$name"
  printf 'DEVICE=/dev/nbd%s\nPORT=%s\n' "$device" "$port" > "$attached/$name/env"
  printf 'mooring:%s\n' "$key" > "$attached/$name/keys.psk"
}

make_attachments() {
  printf '%s\n' "$attach_unit" > "$work/unit"
  if replaced "$work/unit" "$units/bench-attach@.service"; then systemctl daemon-reload; fi
  each make_attachment
  awk -v at="$mounted" \
    '{ printf "/dev/nbd%s %s/%s ext4 noatime,_netdev,nofail,x-systemd.requires=bench-attach@%s.service 0 0\n", $6, at, $1, $1 }' \
    "$work/volumes" | keep_in_fstab
  mkdir -p -m 755 "$mounted"
  (umask 022 && cd "$mounted" && names | xargs mkdir -p)
  if [ "$(active bench-attach)" != "$(names | wc -l)" ]; then
    systemctl enable -q --now $(names | sed 's/.*/bench-attach@&/')
    each wait_for_device
    udevadm settle -t 60
  fi
  mount -a -F -t ext4
}

wait_for_device() {
  wait_until connected "$device"
}

# For a moment: its disk grows.
release_attachments() {
  names | sed "s|^|$mounted/|" | xargs umount
  systemctl stop $(names | sed 's/.*/bench-attach@&/')
}

take_attachments() {
  systemctl start $(names | sed 's/.*/bench-attach@&/')
  each wait_for_device
  udevadm settle -t 60
  each take_attachment
}

take_attachment() {
  mount "$mounted/$name"
  resize2fs "/dev/nbd$device" > /dev/null 2>&1
}

remove_attachments() {
  unmount_all
  remove_units bench-attach
  rm -rf "$pool"
}
