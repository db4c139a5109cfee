from pyinfra.api import FactBase


class CloneSizes(FactBase):
    """Sizes of the clones' disks in MiB: eight bytes from 24 on in each image."""

    default = dict

    def command(self):
        return (
            "cd /var/lib/mooring/clones 2> /dev/null || exit 0; set -- *.qcow2; "
            '[ -e "$1" ] || exit 0; '
            'head -q -c 32 -- "$@" | od -A n -v -t u8 --endian=big -w32 | '
            '{ for image do read -r _ _ _ size; echo "${image%.qcow2} $size"; done; }'
        )

    def process(self, output):
        rows = [line.split() for line in output]
        return {name: int(size) // 1048576 for name, size in rows}
