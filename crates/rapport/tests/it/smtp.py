"""A real mail server for the tests: aiosmtpd, which keeps every mail it takes in a folder.

    python smtp.py FOLDER MODE     prints its port, runs until its input ends

MODE: take; refuse (550 for every recipient); later (451 for every recipient); login (wants product-mailer:s3cret).
"""

import socket
import sys
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

folder, mode = Path(sys.argv[1]), sys.argv[2]


class Keep:
    """Keeps mails as files, in order."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if mode == "refuse":
            return "550 5.1.1 no such mailbox here"
        if mode == "later":
            return "451 4.7.1 greylisted, come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        n = len(list(folder.glob("*.eml")))
        (folder / f"{n}.eml").write_bytes(envelope.content)
        return "250 OK kept"


def check(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"product-mailer", b"s3cret")
    return AuthResult(success=good)


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
controller = Controller(
    Keep(),
    hostname="127.0.0.1",
    port=port,
    auth_required=mode == "login",
    auth_require_tls=False,
    authenticator=check if mode == "login" else None,
)
controller.start()
print(port, flush=True)
sys.stdin.read()
controller.stop()
