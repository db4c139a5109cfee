# What all scripts begin with. Standard input has a line for each volume of this host, in the fields that `each` names.
set -eu
umask 077
storage=10.77.0.11
pool=/var/lib/mooring
exported=/srv/mooring
mounted=/mnt/mooring
units=/etc/systemd/system
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/volumes"

# Calls a function for each volume; on descriptor 3, so that no command in it takes the rest for its input.
each() {
  while read -r name client size memory port device key <&3; do "$1"; done 3< "$work/volumes"
}

names() {
  cut -d ' ' -f 1 "$work/volumes"
}

# What differs is replaced; the answer is whether it did.
replaced() {
  if cmp -s "$1" "$2"; then return 1; fi
  cat "$1" > "$2"
}

# Of our mounts in /etc/fstab, exactly these, which are read from standard input.
keep_in_fstab() {
  { grep -v " $mounted/" /etc/fstab || true; cat; } > "$work/fstab"
  replaced "$work/fstab" /etc/fstab || true
}

# How many of the units of a template unit run.
active() {
  systemctl is-active $(names | sed "s/.*/$1@&/") | grep -cx active || true
}

# Of a list on standard input, the names that are ours.
ours() {
  grep -xF "$(names)" || true
}

unmount_all() {
  awk -v below="$mounted/" 'index($2, below) == 1 { print $2 }' /proc/self/mounts | xargs -r umount
  keep_in_fstab < /dev/null
  if [ -d "$mounted" ]; then (cd "$mounted" && ls -A | ours | xargs -r rmdir); fi
}

# Stops the units of a template unit and removes it.
remove_units() {
  if [ ! -e "$units/$1@.service" ]; then return; fi
  systemctl disable -q --now $(names | sed "s/.*/$1@&/")
  rm "$units/$1@.service"
  systemctl daemon-reload
}
