from mounts import make_mounts, remove_mounts
from pyinfra import host

OPTIONS = "hard,vers=4.2,proto=tcp,_netdev,nofail"

if "nodes" in host.groups:
    if host.data.present:
        make_mounts(
            [
                f"10.77.0.11:/srv/mooring/{volume['name']} /mnt/mooring/{volume['name']} nfs4 {OPTIONS} 0 0"
                for volume in host.data.volumes
            ]
        )
    else:
        remove_mounts()
