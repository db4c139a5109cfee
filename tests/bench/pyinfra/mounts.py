"""What both kinds of mounts share: lines in /etc/fstab, mount points, mounts."""

from pyinfra import host
from pyinfra.operations import files, server

MARKER = "# {mark} BENCH"


def make_mounts(lines):
    files.block(name="Mounts in /etc/fstab", path="/etc/fstab", content=lines, marker=MARKER)
    for volume in host.loop(host.data.volumes):
        path = f"/mnt/mooring/{volume['name']}"
        files.directory(name=f"Mount point {volume['name']}", path=path)
        server.mount(name=f"Mount {volume['name']}", path=path)


def remove_mounts():
    for volume in host.loop(host.data.volumes):
        path = f"/mnt/mooring/{volume['name']}"
        server.mount(name=f"Unmount {volume['name']}", path=path, mounted=False)
        files.directory(name=f"No mount point {volume['name']}", path=path, present=False)
    files.block(name="No mounts in /etc/fstab", path="/etc/fstab", present=False, marker=MARKER)
