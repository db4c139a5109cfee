/** The disk image that all three hosts start from: a Debian tree, made once, as an ext4 file system. */
import { appendFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { cached } from "./cache";
import { debianTree, inTree } from "./debian-tree";
import { imageArchives } from "./image-archives";
import { hostSetup } from "./image-setup";
import { labKeys } from "./keys";
import { needCommands } from "./packages.js";
import { progress } from "./progress.js";

/** The tools of the provider's roles, and what they need to work on a minimal Debian. */
const PACKAGES = [
  ...["systemd", "systemd-sysv", "udev", "dbus", "kmod", "linux-image-cloud-amd64"],
  ...["openssh-server", "sudo", "ca-certificates", "procps", "psmisc", "less"],
  ...["iproute2", "iputils-ping", "iptables", "nftables"],
  ...["nfs-kernel-server", "nfs-common", "nbd-client", "qemu-utils"],
  ...["fdisk", "gdisk", "e2fsprogs", "xfsprogs"],
  // Docker starts no container without apparmor_parser.
  ...["docker.io", "apparmor"],
];

const DISK_SIZE = "20G";

export interface HostImage {
  /** Raw ext4 file system, sparse. Read-only: every host writes to an overlay of its own. */
  disk: string;
  kernel: string;
  initrd: string;
}

export async function hostImage(): Promise<HostImage> {
  const archives = await imageArchives();
  const setup = hostSetup((await labKeys()).publicKey);
  // The folder's name says what is in the archives, wherever the cache is.
  const containers = basename(dirname(archives.mariadb));
  const key = { version: 1, packages: PACKAGES, setup, disk: DISK_SIZE, containers };
  const dir = await cached("lab-image", key, async (making) => {
    await needCommands({ mke2fs: "e2fsprogs" });
    const tree = join(making, "tree.tar");
    await makeTree(tree, setup);
    await makeDisk(making, tree, Object.values(archives));
  });
  return { disk: join(dir, "disk.raw"), kernel: join(dir, "vmlinuz"), initrd: join(dir, "initrd.img") };
}

async function makeTree(archive: string, setup: { beforeKernel: string; last: string }): Promise<void> {
  const step = progress("Lab image: installing Debian packages into a tree");
  try {
    await debianTree(
      archive,
      [
        "--variant=minbase",
        `--include=${PACKAGES.join(",")}`,
        "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        `--essential-hook=${setup.beforeKernel}`,
        `--customize-hook=${setup.last}`,
      ],
      (line) => step.update(line),
    );
    step.finish();
  } catch (error) {
    step.fail("see the error");
    throw error;
  }
}

async function makeDisk(making: string, archive: string, archives: readonly string[]): Promise<void> {
  const step = progress("Lab image: writing the file system");
  const script = `mv etc/apt/mooring-lab.list etc/apt/sources.list.d/
cp -L vmlinuz "$1/vmlinuz"
cp -L initrd.img "$1/initrd.img"
mkdir -p srv/images
image=$1
shift
cp "$@" srv/images/
# Inode tables are written now: a guest would do it in the background, and slow its first minutes.
mke2fs -q -t ext4 -L mooring-lab -m 1 -i 32768 -E lazy_itable_init=0,lazy_journal_init=0 -d . \
  "$image/disk.raw" ${DISK_SIZE}`;
  try {
    await inTree(archive, join(making, "tree"), script, [making, ...archives]);
    // The identity is appended to the initrd, and has to begin at a multiple of four.
    const initrd = join(making, "initrd.img");
    await appendFile(initrd, Buffer.alloc((4 - ((await stat(initrd)).size % 4)) % 4));
    step.finish();
  } catch (error) {
    step.fail("see the error");
    throw error;
  }
}
