# SPDX-License-Identifier: GPL-2.0-or-later
"""What guests are made of: Debian roots and kernels, made once and kept in a cache.

Each part is a folder of the cache, with its recipe beside it in NAME.key; where the recipe
has changed, the part is made again. Nothing is installed on the machine.
"""

import fcntl
import glob
import hashlib
import os
import re
import shutil
import subprocess

from .results import Skip

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KERNEL_CONFIG = os.path.join(HERE, "kernel.config")
# Where the build root has the kernel's source and objects; in front of both: the root.
SOURCE, OBJECTS = "/k/source", "/k/objects"


def versions():
    """tests/vm/versions as a dictionary."""
    rows = {}
    with open(os.path.join(HERE, "versions"), encoding="ascii") as file:
        for line in file:
            name, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                rows[name.strip()] = value.strip()
    return rows


def run(words, log, **more):
    """Run a program with its output in a file; False where it fails."""
    with open(log, "ab") as out:
        out.write(("$ %s\n" % " ".join(words)).encode())
        out.flush()
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=out,
                              stderr=subprocess.STDOUT, check=False, **more)
    return done.returncode == 0


def find_mirror():
    """MIRROR, or the first repository of the machine's apt that is one of Debian itself."""
    if os.environ.get("MIRROR"):
        return os.environ["MIRROR"]
    try:
        out = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)",
                              "Identifier: Packages"], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        raise Skip("no apt here to tell a Debian mirror; MIRROR=URL names one") from None
    for line in out.splitlines():
        uri, _, suite = line.partition(" ")
        if "debian" in uri and not re.search(r"security|updates|backports", uri + suite):
            return uri
    raise Skip("apt knows no Debian mirror; MIRROR=URL names one")


class Parts:
    """The cache."""

    def __init__(self, cache, say, may_build=True):
        self.cache = os.path.abspath(cache)
        self.say = say
        self.may_build = may_build
        self.versions = versions()
        self.mirror = None
        os.makedirs(self.cache, exist_ok=True)
        # Held to the end of the run: another one waits.
        self.lock = open(self.path("lock"), "w", encoding="ascii")
        fcntl.flock(self.lock, fcntl.LOCK_EX)

    def path(self, *names):
        return os.path.join(self.cache, *names)

    def has(self, name, key):
        try:
            with open(self.path(name + ".key"), encoding="utf-8") as file:
                return file.read() == key + "\n" and os.path.isdir(self.path(name))
        except OSError:
            return False

    def make(self, name, key, maker):
        """The folder of a part; maker(folder, log) makes it where the cache lacks it."""
        if not self.has(name, key):
            new = self.path(name + ".new")
            log = self.path(name + ".log")
            shutil.rmtree(new, ignore_errors=True)
            if os.path.exists(log):
                os.unlink(log)
            self.say("making %s; see %s" % (name, log))
            maker(new, log)
            shutil.rmtree(self.path(name), ignore_errors=True)
            os.rename(new, self.path(name))
            with open(self.path(name + ".key"), "w", encoding="utf-8") as file:
                file.write(key + "\n")
        return self.path(name)

    def find_network(self, log):
        """The mirror, once it has been reached with apt's own means."""
        if self.mirror:
            return self.mirror
        if not shutil.which("mmdebstrap"):
            raise Skip("mmdebstrap is missing; the Debian package of that name has it")
        mirror = find_mirror()
        probe = self.path("release")
        if not run(["/usr/lib/apt/apt-helper", "download-file",
                    "%s/dists/%s/Release" % (mirror.rstrip("/"), self.versions["suite"]),
                    probe], log):
            raise Skip("no network: the Debian mirror does not answer; see %s" % log)
        self.mirror = mirror
        return mirror

    def debian(self, suites, packages, variant, folder, log):
        """A root with packages of the suites; the last suite is preferred."""
        mirror = self.find_network(log)
        words = ["mmdebstrap", "--mode=root", "--variant=" + variant,
                 "--aptopt=Acquire::Languages \"none\"",
                 "--aptopt=APT::Install-Recommends \"false\"",
                 "--aptopt=APT::Default-Release \"%s\"" % suites[-1],
                 "--dpkgopt=path-exclude=/usr/share/doc/*",
                 "--dpkgopt=path-exclude=/usr/share/man/*",
                 "--dpkgopt=path-exclude=/usr/share/locale/*",
                 "--include=" + ",".join(packages), suites[0], folder]
        return run(words + ["deb %s %s main" % (mirror, suite) for suite in suites], log)

    def root(self, name, suites, packages, variant):
        """A part that is a Debian root."""
        def maker(folder, log):
            if not self.debian(suites, packages, variant, folder, log):
                raise RuntimeError("mmdebstrap failed; see %s" % log)
        return self.make(name, " ".join([variant, *suites, *packages]), maker)

    def both_suites(self):
        return [self.versions["suite"], self.versions["backports"]]

    def qemu(self):
        """A root with QEMU, busybox and lspci."""
        root = self.root("qemu", self.both_suites(), self.versions["qemu_packages"].split(),
                         "apt")
        version = self.qemu_version(root)
        floor = self.versions["qemu_at_least"]
        if [int(n) for n in version.split(".")[:2]] < [int(n) for n in floor.split(".")]:
            raise RuntimeError("QEMU %s is older than %s" % (version, floor))
        return root

    @staticmethod
    def qemu_version(root):
        out = subprocess.run(["chroot", root, "qemu-system-x86_64", "--version"],
                             stdout=subprocess.PIPE, check=True).stdout.decode()
        return re.search(r"version (\d[\d.]*)", out).group(1)

    def packaged_kernel(self, name, suite, package):
        """One of Debian's kernels: a root with its files only."""
        return PackagedKernel(self.root(name, [suite], [package], "extract"))

    def debian_kernel(self):
        return self.packaged_kernel("kernel-debian", self.versions["suite"],
                                    self.versions["debian_kernel"])

    def old_kernel(self):
        return self.packaged_kernel("kernel-old", self.versions["old_suite"],
                                    self.versions["old_kernel"])

    def own_key(self):
        with open(KERNEL_CONFIG, "rb") as file:
            return "%s %s" % (self.versions["source_packages"],
                              hashlib.sha256(file.read()).hexdigest())

    def own_kernel(self):
        """The kernel that is built from Debian's source with kernel.config."""
        if not self.may_build and not self.has("kernel-own", self.own_key()):
            raise Skip("the kernel is not in the cache, and --no-build was given")
        return BuiltKernel(self.make("kernel-own", self.own_key(), self.build_kernel))

    def source(self):
        """A root with the archive of the kernel's source in usr/src."""
        def maker(folder, log):
            for package in self.versions["source_packages"].split():
                shutil.rmtree(folder, ignore_errors=True)
                if self.debian(self.both_suites(), [package], "extract", folder, log):
                    return
            raise RuntimeError("no package has the kernel's source; see %s" % log)
        return self.make("source", self.versions["source_packages"], maker)

    def build_kernel(self, folder, log):
        """Unpack where the source has changed, configure, build; keep what is booted."""
        root = self.root("build", [self.versions["suite"]],
                         self.versions["build_packages"].split(), "apt")
        self.unpack(root, self.source(), log)
        shutil.copy(KERNEL_CONFIG, root + "/k/kernel.config")
        script = ("mount -t proc proc {root}/proc && exec chroot {root} /bin/sh -c "
                  "'cd {source} && mkdir -p {objects} && "
                  "make O={objects} KCONFIG_ALLCONFIG=/k/kernel.config allnoconfig && "
                  "nice make O={objects} -j{jobs} bzImage'").format(
                      root=root, source=SOURCE, objects=OBJECTS, jobs=len(os.sched_getaffinity(0)))
        # The mount of /proc ends with its namespace.
        if not run(["unshare", "--mount", "/bin/sh", "-c", script], log):
            raise RuntimeError("the kernel was not built; see %s" % log)
        lost = lost_options(KERNEL_CONFIG, root + OBJECTS + "/.config")
        if lost:
            raise RuntimeError("kernel.config: not taken by Kconfig: %s" % " ".join(lost))
        os.makedirs(folder)
        shutil.copy(root + OBJECTS + "/arch/x86/boot/bzImage", folder + "/vmlinuz")
        shutil.copy(root + OBJECTS + "/.config", folder + "/config")
        shutil.copy(root + OBJECTS + "/include/config/kernel.release", folder + "/release")

    @staticmethod
    def unpack(root, source, log):
        """Into the build root, which has xz."""
        archive = glob.glob(source + "/usr/src/linux-source-*.tar.xz")[0]
        mark = root + "/k/unpacked"
        if os.path.exists(mark) and open(mark, encoding="utf-8").read() == archive:
            return
        shutil.rmtree(root + "/k", ignore_errors=True)
        os.makedirs(root + SOURCE)
        with open(archive, "rb") as file, open(log, "ab") as out:
            subprocess.run(["chroot", root, "tar", "-C", SOURCE, "--strip-components=1", "-xJf",
                            "-"], stdin=file, stdout=out, stderr=out, check=True)
        with open(mark, "w", encoding="utf-8") as file:
            file.write(archive)


def lost_options(wanted, got):
    """Lines of a fragment that a finished configuration does not have."""
    with open(got, encoding="utf-8") as file:
        have = set(file.read().splitlines())
    lost = []
    with open(wanted, encoding="utf-8") as file:
        for line in file.read().splitlines():
            name, equals, value = line.partition("=")
            if not line.startswith("CONFIG_") or not equals:
                continue
            if value == "n":
                line = "# %s is not set" % name
            if line not in have and value != "n":
                lost.append(name)
    return lost


class BuiltKernel:
    """A kernel without modules."""

    def __init__(self, folder):
        self.image = os.path.join(folder, "vmlinuz")
        with open(os.path.join(folder, "release"), encoding="ascii") as file:
            self.release = file.read().strip()

    def modules(self, _):
        return []


class PackagedKernel:
    """A kernel of Debian's: vmlinuz in /boot, or beside its modules since 7.x."""

    def __init__(self, root):
        self.folder = glob.glob(root + "/usr/lib/modules/*/kernel") or glob.glob(
            root + "/lib/modules/*/kernel")
        self.folder = os.path.dirname(self.folder[0])
        self.release = os.path.basename(self.folder)
        self.image = (glob.glob(root + "/boot/vmlinuz-*") +
                      glob.glob(self.folder + "/vmlinuz"))[0]

    def modules(self, names):
        """Module files with what they depend on, in the order of loading."""
        from .modules import in_order
        return in_order(self.folder, names)
