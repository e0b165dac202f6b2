"""Runs a program whose fsync and fdatasync take longer by so many milliseconds: slow-fsync.py <file> <program> ...

The delay is read from the file at each call, so that it can be changed while the program runs. A seccomp filter
(seccomp_unotify(2), Linux 5.19) hands these two calls to this process, which lets them go on when their time has come. Nothing
else of the program is touched, static or not. It ends with the program, and the program with it.
"""

import ctypes
import fcntl
import os
import platform
import signal
import socket
import struct
import sys
import threading

libc = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
SET_MODE_FILTER, NEW_LISTENER, WAIT_KILLABLE = 1, 8, 32  # a signal, as Go sends many, does not make a call begin again
RET_ALLOW, RET_USER_NOTIF = 0x7FFF0000, 0x7FC00000
NOTIF_RECV, NOTIF_SEND, CONTINUE = 0xC0502100, 0xC0182101, 1
seccomp, fsync, fdatasync = {"x86_64": (317, 74, 75), "aarch64": (277, 82, 83)}[platform.machine()]


def install() -> int:
    """A filter for this process and what it becomes; gives the descriptor that hears of the calls."""
    load, equal, answer = 0x20, 0x15, 0x06  # of struct sock_filter: code, jump if true, jump if not, operand
    rules = [
        (load, 0, 0, 0),
        (equal, 1, 0, fsync),
        (equal, 0, 1, fdatasync),
        (answer, 0, 0, RET_USER_NOTIF),
        (answer, 0, 0, RET_ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code)))
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    heard = libc.syscall(seccomp, SET_MODE_FILTER, NEW_LISTENER | WAIT_KILLABLE, program)
    if heard < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return heard


def let_go(heard: int, call: int) -> None:
    try:
        fcntl.ioctl(heard, NOTIF_SEND, struct.pack("QqiI", call, 0, 0, CONTINUE))
    except OSError:
        pass  # whoever called is gone


def delay_of(path: str) -> float:
    with open(path) as file:
        return float(file.read() or 0) / 1000


def supervise(heard: int, path: str) -> None:
    while True:
        try:
            asked = fcntl.ioctl(heard, NOTIF_RECV, bytes(80))
        except OSError:
            continue  # a signal, or a caller that is gone
        call = struct.unpack_from("Q", asked)[0]
        threading.Timer(delay_of(path), let_go, (heard, call)).start()


def main() -> None:
    path, *command = sys.argv[1:]
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        socket.send_fds(theirs, [b"."], [install()])
        os.execvp(command[0], command)
    _, (heard,), _, _ = socket.recv_fds(ours, 1, 1)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _: os.kill(child, number))
    threading.Thread(target=supervise, args=(heard, path), daemon=True).start()
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


main()
