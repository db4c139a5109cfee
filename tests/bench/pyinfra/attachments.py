from mounts import make_mounts, remove_mounts
from pyinfra import host
from pyinfra.operations import files, server, systemd
from pyinfra.operations.util import any_changed

UNIT = "/etc/systemd/system/bench-attach@.service"


def fstab(volume):
    name = volume["name"]
    options = f"noatime,_netdev,nofail,x-systemd.requires=bench-attach@{name}.service"
    return f"/dev/nbd{volume['device']} /mnt/mooring/{name} ext4 {options} 0 0"


if "nodes" in host.groups:
    volumes = host.data.volumes
    if host.data.present:
        files.sync(
            name="Keys, ports and devices",
            src=host.data.attachmentsFolder,
            dest="/var/lib/mooring/attachments",
            mode="600",
            dir_mode="700",
        )
        unit = files.put(name="Unit of an attachment", src=host.data.attachUnit, dest=UNIT, mode="644")
        systemd.daemon_reload(name="Reload systemd", _if=unit.did_change)
        attached = []
        for volume in host.loop(volumes):
            attached.append(
                systemd.service(
                    name=f"Attach {volume['name']}",
                    service=f"bench-attach@{volume['name']}.service",
                    running=True,
                    enabled=True,
                )
            )
        devices = " ".join(f"/sys/block/nbd{volume['device']}/size" for volume in volumes)
        server.shell(
            name="Wait for the devices",
            commands=[
                f"timeout 300 sh -c 'until ! cat {devices} | grep -qx 0; do sleep 0.05; done'",
                "udevadm settle -t 60",
            ],
            _if=any_changed(*attached),
        )
        make_mounts([fstab(volume) for volume in volumes])
    else:
        remove_mounts()
        for volume in host.loop(volumes):
            systemd.service(
                name=f"No attachment {volume['name']}",
                service=f"bench-attach@{volume['name']}.service",
                running=False,
                enabled=False,
            )
        files.file(name="No unit of an attachment", path=UNIT, present=False)
        files.directory(name="No keys", path="/var/lib/mooring", present=False)
        systemd.daemon_reload(name="Reload systemd")
