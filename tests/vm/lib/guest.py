# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of a guest: QEMU, without KVM, from power-on to power-off."""

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

from . import initramfs
from .parts import HERE

SERVER = os.path.join(HERE, "vfio_user_device.py")
# Virtual processors and memory; a software-emulated guest has no use for more.
MACHINE = ["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1024",
           "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]
# What GET_DEVICE_FD and BIND need: an IOMMU that also remaps interrupts.
Q35 = ["-M", "q35,kernel-irqchip=split"]
INTEL_IOMMU = ["-device", "intel-iommu,intremap=on,caching-mode=on"]


# The first line that guest/init prints, and how often a guest is started to get it.
STARTED = "guest: Linux "
TRIES = 3


class GuestFailed(Exception):
    """It did not come to its end; the text says where to look."""


class NotStarted(GuestFailed):
    """Its kernel did not come as far as the first program. QEMU's emulation of a kernel that
    changes its own code while it starts is not perfect: such a guest may be started again."""


def root_ports(count):
    """Root ports rp0... , eight a slot; each has ACS, so what is behind it is on its own."""
    words = []
    for i in range(count):
        words += ["-device", "pcie-root-port,id=rp%d,chassis=%d,slot=%d,addr=%#x.%d%s" % (
            i, i + 1, i + 1, 2 + i // 8, i % 8, ",multifunction=on" if i % 8 == 0 else "")]
    return words


def vfio_user_device(number, bus="rp%d"):
    """QEMU's side of the function that the server has on socket s<number>."""
    return ["-device", '{"driver":"vfio-user-pci","socket":{"type":"unix","path":"s%d"},'
            '"bus":"%s"}' % (number, bus % number if "%" in bus else bus)]


class Files:
    """What a guest handed back: its files by name, and its console."""

    def __init__(self, files, console, seconds):
        self.files = files
        self.console = console
        self.seconds = seconds

    def __contains__(self, name):
        return name in self.files

    def data(self, name):
        return self.files.get(name, b"")

    def text(self, name):
        return self.data(name).decode(errors="replace")

    def status(self, name):
        """Exit status of a recorded command; None where it was not run."""
        text = self.text(name + ".status").strip()
        return int(text) if text else None

    def below(self, folder):
        """(name, bytes) of the files of a folder."""
        start = folder + "/"
        return sorted((name[len(start):], data) for name, data in self.files.items()
                      if name.startswith(start))


class Lab:
    """Where guests run: the root with QEMU, the programs they get, where transcripts go."""

    def __init__(self, root, out, programs, quirks, say):
        self.root = root
        self.out = out
        self.say = say
        self.programs = programs
        self.quirks = quirks
        self.made = {}
        os.makedirs(out, exist_ok=True)

    def initramfs(self, kernel, modules, tools):
        """One for each kernel and set of modules and programs; made once a run."""
        key = (kernel.image, tuple(modules), tuple(tools))
        if key not in self.made:
            path = os.path.join(self.out, "initramfs-%d.gz" % len(self.made))
            initramfs.make(path, self.root, {name: self.programs[name] for name in tools},
                           self.quirks, os.path.join(HERE, "guest"), kernel.modules(modules))
            self.made[key] = path
        return self.made[key]

    @staticmethod
    def serve(folder, images, raw):
        """Start the vfio-user server on sockets s0, s1, ... of a folder."""
        words = [sys.executable, SERVER] + (["--raw"] if raw else [])
        for i, image in enumerate(images):
            with open(os.path.join(folder, "image%d" % i), "wb") as file:
                file.write(image)
            words.append("s%d=image%d" % (i, i))
        server = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL)
        for _ in range(200):
            if all(os.path.exists(os.path.join(folder, "s%d" % i)) for i in range(len(images))):
                return server
            time.sleep(0.05)
        server.kill()
        raise GuestFailed("the vfio-user server does not start")

    def boot(self, name, *what, **how):
        """boot_once(), and again where the kernel did not start."""
        for tried in range(1, TRIES):
            try:
                return self.boot_once(name, *what, **how)
            except NotStarted as why:
                self.say("%s; it is started again" % why)
                log = os.path.join(self.out, name + ".log")
                os.replace(log, "%s.%d" % (log, tried))
        return self.boot_once(name, *what, **how)

    def boot_once(self, name, test, kernel, devices, *, modules=(), images=(), raw=False,
                  append="", tools=("capgap", "live_tool"), limit=300):
        """Run guest/<test>.sh in a guest; its transcript is <name>.log in the output folder."""
        archive = self.initramfs(kernel, modules, tools)
        folder = tempfile.mkdtemp(prefix="guest-", dir=self.root + "/run")
        server = None
        try:
            shutil.copy(kernel.image, folder + "/kernel")
            shutil.copy(archive, folder + "/initramfs")
            server = self.serve(folder, images, raw) if images else None
            inside = "/run/" + os.path.basename(folder)
            words = ["qemu-system-x86_64"] + MACHINE + [
                "-serial", "stdio", "-serial", "file:out.tgz", "-kernel", "kernel",
                "-initrd", "initramfs", "-append",
                "console=ttyS0 panic=-1 oops=panic quiet capgap.test=%s %s" % (test, append)]
            words += devices
            return self.watch(name, words, inside, folder, limit)
        finally:
            if server:
                server.terminate()
                server.wait()
            shutil.rmtree(folder, ignore_errors=True)

    def watch(self, name, words, inside, folder, limit):
        """Run QEMU in its root; keep the transcript, whatever becomes of it."""
        log = os.path.join(self.out, name + ".log")
        begin = time.monotonic()
        # The working directory makes the sockets' names short, however long the cache's is.
        command = ["chroot", self.root, "/bin/sh", "-c", 'cd "$0" && exec "$@"', inside] + words
        with open(log, "wb") as out:
            out.write(("$ %s\n" % " ".join(words)).encode())
            out.flush()
            try:
                done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out,
                                      stderr=subprocess.STDOUT, timeout=limit, check=False)
            except subprocess.TimeoutExpired:
                raise GuestFailed("%s: not finished after %d s; see %s" % (name, limit, log)) \
                    from None
        seconds = time.monotonic() - begin
        files = self.unpack(folder + "/out.tgz")
        with open(log, encoding="utf-8", errors="replace") as file:
            console = file.read()
        if not done.returncode and STARTED not in console:
            raise NotStarted("%s: its kernel did not start; see %s" % (name, log))
        if done.returncode or "finished" not in files:
            raise GuestFailed("%s: QEMU ended with status %d; see %s" % (
                name, done.returncode, log))
        self.keep(name, files)
        return Files(files, console, seconds)

    @staticmethod
    def unpack(path):
        files = {}
        try:
            with open(path, "rb") as file:
                data = file.read()
            with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
                for member in tar:
                    if member.isfile():
                        files[member.name.partition("/")[2]] = tar.extractfile(member).read()
        except (OSError, EOFError, tarfile.TarError):
            pass
        return files

    def keep(self, name, files):
        """What came back, as one archive beside the transcript."""
        with tarfile.open(os.path.join(self.out, name + ".tgz"), "w:gz") as tar:
            for path, data in sorted(files.items()):
                member = tarfile.TarInfo(path)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
