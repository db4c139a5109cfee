from pyinfra import host
from pyinfra.facts.docker import DockerContainer, DockerImage
from pyinfra.operations import docker, files, server

IMAGE = host.data.containerImage


def has_memory(name, memory):
    found = host.get_fact(DockerContainer, object_id=name)
    return not found or found[0]["HostConfig"]["Memory"] == memory * 1048576


if "nodes" in host.groups:
    volumes = host.data.volumes
    if host.data.present:
        if not host.get_fact(DockerImage, object_id=IMAGE):
            server.shell(name="Load the image", commands=[f"docker load -q -i {host.data.containerArchive}"])
        for volume in host.loop(volumes):
            name, memory = volume["name"], volume["memoryMiB"]
            files.directory(name=f"Directory of {name}", path=f"/mnt/mooring/{name}/data")
            docker.container(
                name=f"Container {name}",
                container=name,
                image=IMAGE,
                volumes=[f"/mnt/mooring/{name}/data:/data"],
                memory=f"{memory}m",
                restart_policy="unless-stopped",
                command=host.data.containerCommand,
                # By itself it does not look at what a container is like.
                force=not has_memory(name, memory),
            )
    else:
        for volume in host.loop(volumes):
            docker.container(name=f"No container {volume['name']}", container=volume["name"], present=False)
        docker.image(name="No image", image=IMAGE, present=False)
