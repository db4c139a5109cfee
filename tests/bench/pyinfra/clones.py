from clone_sizes import CloneSizes
from pyinfra import host, inventory
from pyinfra.operations import files, server

SCRIPT = "/usr/local/sbin/bench-make-clone"
POOL = "/var/lib/mooring"

on_storage = "storage" in host.groups
volumes = host.data.volumes

if host.data.present:
    sizes = inventory.get_host("storage").get_fact(CloneSizes)
    # A disk that grows is released for a moment.
    grown = [v for v in volumes if sizes.get(v["name"], v["sizeMiB"]) != v["sizeMiB"]]
    if not on_storage:
        for volume in host.loop(grown):
            name = volume["name"]
            server.shell(
                name=f"Release {name}",
                commands=[f"umount /mnt/mooring/{name}", f"systemctl stop bench-attach@{name}"],
            )
    if on_storage:
        for volume in host.loop(grown):
            name = volume["name"]
            server.shell(
                name=f"Grow {name}",
                commands=[
                    f"systemctl stop bench-export@{name}",
                    f"qemu-img resize -q -f qcow2 {POOL}/clones/{name}.qcow2 {volume['sizeMiB']}M",
                    f"systemctl start bench-export@{name}",
                ],
            )
        files.put(name="The script that makes a clone", src=host.data.cloneScript, dest=SCRIPT, mode="755")
        for volume in host.loop([v for v in volumes if v["name"] not in sizes]):
            server.shell(
                name=f"Make clone {volume['name']}", commands=[f"{SCRIPT} {volume['name']} {volume['sizeMiB']}"]
            )
    if not on_storage:
        for volume in host.loop(grown):
            name, device = volume["name"], f"nbd{volume['device']}"
            server.shell(
                name=f"Take {name}",
                commands=[
                    f"systemctl start bench-attach@{name}",
                    f"timeout 300 sh -c 'until [ $(cat /sys/block/{device}/size) -gt 0 ]; do sleep 0.05; done'",
                    "udevadm settle -t 60",
                    f"mount /mnt/mooring/{name}",
                    f"resize2fs /dev/{device}",
                ],
            )
elif on_storage:
    files.directory(name="No clones", path=POOL, present=False)
    files.file(name="No script", path=SCRIPT, present=False)
