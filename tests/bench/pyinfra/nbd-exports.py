from pyinfra import host
from pyinfra.operations import files, systemd

UNIT = "/etc/systemd/system/bench-export@.service"

if "storage" in host.groups:
    volumes = host.data.volumes
    if host.data.present:
        files.sync(
            name="Keys and ports",
            src=host.data.exportsFolder,
            dest="/var/lib/mooring/exports",
            mode="600",
            dir_mode="700",
        )
        unit = files.put(name="Unit of an export", src=host.data.exportUnit, dest=UNIT, mode="644")
        systemd.daemon_reload(name="Reload systemd", _if=unit.did_change)
        for volume in host.loop(volumes):
            systemd.service(
                name=f"Export {volume['name']}",
                service=f"bench-export@{volume['name']}.service",
                running=True,
                enabled=True,
            )
    else:
        for volume in host.loop(volumes):
            systemd.service(
                name=f"No export {volume['name']}",
                service=f"bench-export@{volume['name']}.service",
                running=False,
                enabled=False,
            )
        files.file(name="No unit of an export", path=UNIT, present=False)
        systemd.daemon_reload(name="Reload systemd")
