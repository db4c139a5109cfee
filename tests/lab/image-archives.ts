/** Container images made from Debian packages, as archives for `docker load`: no registry is needed. */
import { join } from "node:path";
import { cached } from "./cache";
import { debianTree, inTree } from "./debian-tree";
import { type ImageConfig, writeDockerArchive } from "./docker-archive";
import { makeEmptyDatabase, mariadbEntrypoint, mariadbSettings } from "./mariadb-image";
import { progress } from "./progress.js";

interface LabImage {
  tag: string;
  /** mmdebstrap's arguments. */
  tree: string[];
  /** Shell text that runs in the unpacked tree. */
  finish: string;
  config: ImageConfig;
}

const busyboxLinks =
  "for applet in $(bin/busybox --list); do [ $applet = busybox ] || ln -s busybox bin/$applet; done";

const tiny: LabImage = {
  tag: "mooring-lab/tiny:1",
  tree: ["--variant=extract", "--include=busybox-static"],
  finish: `rm -rf usr etc var
mkdir -p -m 755 dev etc proc root sys tmp usr/bin var
chmod 1777 tmp
printf 'root:x:0:0:root:/root:/bin/sh\\nnobody:x:65534:65534:nobody:/:/bin/false\\n' > etc/passwd
printf 'root:x:0:\\nnogroup:x:65534:\\n' > etc/group
${busyboxLinks}`,
  config: { Cmd: ["/bin/sh"], Env: ["PATH=/bin"] },
};

/** The same with another id, for who is not to be in the way of tests that remove images by hand. */
const tiny2: LabImage = {
  ...tiny,
  tag: "mooring-lab/tiny:2",
  config: { ...tiny.config, Env: ["PATH=/bin", "VERSION=2"] },
};

const mariadb: LabImage = {
  tag: "mooring-lab/mariadb:1",
  tree: [
    "--variant=extract",
    "--include=mariadb-server-core,mariadb-client-core,mariadb-client,busybox-static",
    ...["doc", "man", "locale", "perl", "lintian"].map(
      (folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`,
    ),
  ],
  // Loading an image takes a second per 4 MB on an emulated host: what runs, and busybox for the rest.
  finish: `mkdir keep
tar -cf - bin/busybox lib/x86_64-linux-gnu lib64 usr/lib/x86_64-linux-gnu usr/sbin/mariadbd usr/bin/mariadb \
  usr/bin/mariadb-admin usr/bin/mariadb-dump usr/share/mysql/*.sql usr/share/mysql/english \
  usr/share/mysql/charsets |
  tar -xf - -C keep
find . -mindepth 1 -maxdepth 1 ! -name keep -exec rm -rf {} +
mv keep/* .
rmdir keep
rm -rf usr/lib/*/gconv usr/lib/*/perl* usr/lib/*/libperl* usr/lib/*/libdb-5* usr/lib/*/libicu*
${makeEmptyDatabase}
mkdir -p -m 755 dev etc/mysql/conf.d proc root run/mysqld sys tmp usr/local/bin var/lib/mysql var/log
chmod 1777 tmp
${busyboxLinks}
printf 'root:x:0:0:root:/root:/bin/sh\\n' > etc/passwd
printf 'root:x:0:\\n' > etc/group
echo 'mysql:x:999:999:MariaDB:/var/lib/mysql:/bin/false' >> etc/passwd
echo 'mysql:x:999:' >> etc/group
echo '!includedir /etc/mysql/conf.d/' > etc/mysql/my.cnf
chown 999:999 var/lib/mysql run/mysqld
cat > etc/mysql/conf.d/zz-mooring-lab.cnf <<'END'
${mariadbSettings}END
cat > usr/local/bin/docker-entrypoint.sh <<'END'
${mariadbEntrypoint}END
chmod 755 usr/local/bin/docker-entrypoint.sh`,
  config: {
    Entrypoint: ["docker-entrypoint.sh"],
    Cmd: ["mariadbd"],
    Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    ExposedPorts: { "3306/tcp": {} },
    StopSignal: "SIGTERM",
  },
};

/** By name, the paths of the archives on this machine; on the hosts they are `/srv/images/NAME.tar`. */
export async function imageArchives(): Promise<Record<"mariadb" | "tiny" | "tiny-2", string>> {
  const images = { tiny, "tiny-2": tiny2, mariadb };
  const dir = await cached("lab-containers", { version: 1, images }, async (making) => {
    for (const [name, image] of Object.entries(images)) await makeArchive(making, name, image);
  });
  const path = (name: keyof typeof images) => join(dir, `${name}.tar`);
  return { mariadb: path("mariadb"), tiny: path("tiny"), "tiny-2": path("tiny-2") };
}

async function makeArchive(making: string, name: string, image: LabImage): Promise<void> {
  const step = progress(`Container image ${image.tag}`);
  const tree = join(making, `${name}-tree`);
  const packed = join(making, `${name}-tree.tar`);
  const layer = join(making, `${name}-layer.tar`);
  try {
    await debianTree(packed, image.tree, (line) => step.update(line));
    step.update("packing the layer");
    const pack = `tar -cf "$1" --numeric-owner --sort=name --mtime=@0 --format=gnu .`;
    await inTree(packed, tree, `${image.finish}\n${pack}`, [layer]);
    await writeDockerArchive(join(making, `${name}.tar`), image.tag, image.config, layer);
    step.finish();
  } catch (error) {
    step.fail("see the error");
    throw error;
  }
}
