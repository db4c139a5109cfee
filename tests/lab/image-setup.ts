/** How a host of the lab differs from a fresh Debian: two shell texts that run on the tree ("$1") while it is made. */
import { hostNames, hostPlans } from "./hosts";
import { initramfsHook } from "./initrd";

/** Quick to unpack under emulation: only the drivers these hosts have. */
const INITRAMFS_MODULES = ["virtio_pci", "virtio_blk", "virtio_net", "ext4", "crc32c_generic"];

/** Would only take processor time from three emulated hosts, at moments nobody can foresee. */
const MASKED = [
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "dpkg-db-backup.timer",
  "e2scrub_all.timer",
  "e2scrub_reap.service",
  "fstrim.timer",
  "logrotate.timer",
  "systemd-pstore.service",
  "getty@tty1.service",
  "serial-getty@ttyS0.service",
];

/** Look for what these hosts do not have, at each boot and whenever systemd is told to reload: a tenth of a second each. */
const MASKED_GENERATORS = [
  "systemd-cryptsetup-generator",
  "systemd-gpt-auto-generator",
  "systemd-hibernate-resume-generator",
  "systemd-integritysetup-generator",
  "systemd-rc-local-generator",
  "systemd-system-update-generator",
  "systemd-sysv-generator",
  "systemd-veritysetup-generator",
];

/** Tell somebody who logs in of news and mail: a quarter of what a connection costs an emulated host. */
const NO_GREETING = `sed -i '/pam_motd\\|pam_mail/d' "$1/etc/pam.d/sshd"`;

/** For programs that these hosts do not have: each is compiled at the first boot. Docker brings its own. */
const APPARMOR_PROFILES = ["lsb_release", "nvidia_modprobe"];

/** Can be removed from a host and installed again there, as the hosts' only apt source has them. */
const INSTALLABLE = [
  "nfs-kernel-server",
  "nfs-common",
  "nbd-client",
  "qemu-utils",
  "docker.io",
  "docker-registry",
];

/** As many devices as Debian's default: udev looks at each whenever the module is loaded, at each boot, for a second. */
const NBD_OPTIONS = "options nbd nbds_max=16 max_part=15\n";

const PACKAGES_FOLDER = "/srv/packages";

/** The kernel's own installation makes the initrd, so that what goes into it has to be there before. */
export function hostSetup(publicKey: string): { beforeKernel: string; last: string } {
  return {
    beforeKernel: [
      file("/etc/initramfs-tools/conf.d/mooring-lab", "MODULES=list\nCOMPRESS=gzip\n"),
      file("/etc/initramfs-tools/modules", `${INITRAMFS_MODULES.join("\n")}\n`),
      file("/etc/initramfs-tools/scripts/init-bottom/mooring-lab", initramfsHook, "755"),
    ].join("\n"),
    last: [
      "set -e",
      file("/etc/fstab", "/dev/vda / ext4 defaults 0 1\n"),
      file("/etc/hostname", "mooring-lab\n"),
      file("/etc/hosts", hostsFile()),
      'rm -f "$1/etc/resolv.conf"',
      file("/etc/resolv.conf", "nameserver 10.0.2.3\n"),
      file("/etc/systemd/network/10-outside.network", outsideNetwork),
      file("/etc/systemd/system/systemd-networkd-wait-online.service.d/mooring-lab.conf", waitOnline),
      file("/etc/ssh/sshd_config.d/mooring-lab.conf", sshdConfig),
      NO_GREETING,
      file("/etc/modules-load.d/mooring-lab.conf", "nbd\n"),
      file("/etc/modprobe.d/mooring-lab.conf", NBD_OPTIONS),
      file("/etc/sudoers.d/mooring", "mooring ALL=(ALL:ALL) NOPASSWD: ALL\n", "440"),
      'chroot "$1" useradd --create-home --shell /bin/bash mooring',
      ...["root", "home/mooring"].flatMap((home) => [
        `mkdir -p -m 700 "$1/${home}/.ssh"`,
        file(`/${home}/.ssh/authorized_keys`, `${publicKey} mooring-lab\n`, "600"),
      ]),
      'chroot "$1" chown -R mooring:mooring /home/mooring',
      'chroot "$1" systemctl enable systemd-networkd.service',
      `chroot "$1" systemctl mask ${MASKED.join(" ")}`,
      'mkdir -p "$1/etc/systemd/system-generators"',
      ...MASKED_GENERATORS.map((name) => `ln -s /dev/null "$1/etc/systemd/system-generators/${name}"`),
      ...APPARMOR_PROFILES.map((name) => `ln -s ../${name} "$1/etc/apparmor.d/disable/${name}"`),
      aptSource,
      // Takes minutes under emulation whenever a package asks for it; the hosts boot from a copy outside.
      file("/etc/initramfs-tools/update-initramfs.conf", "update_initramfs=no\n"),
      // Each host gets its own on its first boot.
      'rm -f "$1"/etc/ssh/ssh_host_* "$1/var/lib/dbus/machine-id"',
      ': > "$1/etc/machine-id"',
      'ln -sf /etc/machine-id "$1/var/lib/dbus/machine-id"',
    ].join("\n"),
  };
}

/** With apt as mmdebstrap has set it up for the tree. What is named in `etc/apt` before it is removed later. */
const aptSource = `mkdir -p "$1${PACKAGES_FOLDER}"
(
  cd "$1${PACKAGES_FOLDER}"
  APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -q -o APT::Sandbox::User=root download ${INSTALLABLE.join(" ")}
  for package in *.deb; do
    dpkg-deb -f "$package"
    echo "Filename: ./$package"
    echo "Size: $(stat -c %s "$package")"
    echo "SHA256: $(sha256sum "$package" | cut -d " " -f 1)"
    echo
  done > Packages
)
echo "deb [trusted=yes] file:${PACKAGES_FOLDER} ./" > "$1/etc/apt/mooring-lab.list"`;

function file(path: string, text: string, mode = "644"): string {
  return `mkdir -p "$(dirname "$1${path}")"
cat > "$1${path}" <<'MOORING_LAB_END'
${text.trimEnd()}
MOORING_LAB_END
chmod ${mode} "$1${path}"`;
}

function hostsFile(): string {
  const lines = hostNames.map((name) => `${hostPlans[name].address} ${name}`);
  return `127.0.0.1 localhost\n::1 localhost\n${lines.join("\n")}\n`;
}

/** Addresses of QEMU's user-mode network. */
const outsideNetwork = `[Match]
Name=eth0
[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
LinkLocalAddressing=no
IPv6AcceptRA=no
`;

/** A host whose storage cable is pulled has to come up all the same, and soon. */
const waitOnline = `[Service]
ExecStart=
ExecStart=/lib/systemd/systemd-networkd-wait-online --interface=eth0 --timeout=20
`;

const sshdConfig = `HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
UseDNS no
`;
