make_nbd_export() {
  if [ -e "$pool/exports/$name/keys.psk" ]; then return; fi
  mkdir -p "$pool/exports/$name"
  ln "$pool/exports/dh-params.pem" "$pool/exports/$name/dh-params.pem"
  printf 'PORT=%s\n' "$port" > "$pool/exports/$name/env"
  printf 'mooring:%s\n' "$key" > "$pool/exports/$name/keys.psk"
}

make_nbd_exports() {
  printf '%s\n' "$export_unit" > "$work/unit"
  if replaced "$work/unit" "$units/bench-export@.service"; then systemctl daemon-reload; fi
  mkdir -p "$pool/exports"
  printf '%s\n' "$dh_parameters" > "$work/dh"
  replaced "$work/dh" "$pool/exports/dh-params.pem" || true
  each make_nbd_export
  if [ "$(active bench-export)" != "$(names | wc -l)" ]; then
    systemctl enable -q --now $(names | sed 's/.*/bench-export@&/')
  fi
}

remove_nbd_exports() {
  remove_units bench-export
}
