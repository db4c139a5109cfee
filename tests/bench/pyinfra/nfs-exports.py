from io import StringIO

from pyinfra import host
from pyinfra.operations import files, server, systemd

EXPORTS = "/etc/exports.d/bench.exports"
OPTIONS = "rw,sync,no_root_squash,no_subtree_check"


def line(number, volume):
    return f"/srv/mooring/{volume['name']} {volume['client']}({OPTIONS},fsid={number})\n"


if "storage" in host.groups:
    volumes = host.data.volumes
    if host.data.present:
        systemd.service(name="The NFS server", service="nfs-server", running=True, enabled=True)
        for volume in host.loop(volumes):
            files.directory(name=f"Directory {volume['name']}", path=f"/srv/mooring/{volume['name']}")
        text = "".join(line(number, volume) for number, volume in enumerate(volumes, 1))
        exports = files.put(name="Exports", src=StringIO(text), dest=EXPORTS)
        server.shell(name="Export them", commands=["exportfs -ra"], _if=exports.did_change)
    else:
        exports = files.file(name="No exports", path=EXPORTS, present=False)
        server.shell(name="Export nothing", commands=["exportfs -ra"], _if=exports.did_change)
        for volume in host.loop(volumes):
            files.directory(
                name=f"No directory {volume['name']}",
                path=f"/srv/mooring/{volume['name']}",
                present=False,
            )
