from pyinfra.api import FactBase


class CloneSizes(FactBase):
    """Sizes of the clones' disks in MiB: eight bytes from 24 on in each image."""

    default = dict

    def command(self):
        return (
            "for image in /var/lib/mooring/clones/*.qcow2; do "
            '[ ! -e "$image" ] || echo "$(basename "$image" .qcow2) '
            '$(od -A n -t u8 --endian=big -j 24 -N 8 "$image")"; done'
        )

    def process(self, output):
        rows = [line.split() for line in output]
        return {name: int(size) // 1048576 for name, size in rows}
