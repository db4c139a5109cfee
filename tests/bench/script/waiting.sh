# What a clone is made with, also where a tool has it made by a script of its own.
wait_until() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 6000 ] || { echo "not within five minutes: $*" >&2; return 1; }
    sleep 0.05
  done
}

# Of an nbd device, by its number.
connected() {
  read -r sectors < "/sys/block/nbd$1/size" && [ "$sectors" -gt 0 ]
}

disconnected() {
  [ ! -e "/sys/block/nbd$1/pid" ]
}
