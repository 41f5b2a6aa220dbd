"""A mail server that keeps what it takes in, counts it, writes a log as Postfix does, and misbehaves on request."""

import asyncio
import re
import threading
from collections import Counter
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

NAMED = re.compile(r"<([0-9a-f-]{36})@")


class Sink:
    """`behave` may be a function of (moment, address): "rcpt" before the recipient is taken, "data" once the words are
    here. It returns an answer to give instead, or None; seconds to wait as a number; DROP ends the line.
    """

    DROP = "drop"

    def __init__(self, port, log):
        self.accepted = Counter()  # by Message-ID
        self.people = Counter()  # by (address, what it is about)
        self.words = {}
        self.busy = 0
        self.log = log
        self.behave = lambda moment, address, name: None
        self._lock = threading.Lock()
        self._server = Controller(self, hostname="127.0.0.1", port=port, server_hostname="sink")
        self._server.factory = self._protocol
        self._server.start()
        self.port, self.is_over = port, False

    def _protocol(self):
        return SMTP(self, enable_SMTPUTF8=True, hostname="sink", loop=self._server.loop)

    def stop(self):
        if not self.is_over:
            self.is_over = True
            self._server.stop()

    async def handle_RCPT(self, server, session, envelope, address, _options):  # noqa: N802  aiosmtpd's own name
        if answer := await self._said(server, "rcpt", address, None):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's own name
        message = message_from_bytes(envelope.content, policy=policy.default)
        name = NAMED.search(message["Message-ID"])[1]
        address = envelope.rcpt_tos[0]
        answer = await self._said(server, "data", address, name)
        if answer and answer != "take and drop":
            return answer
        with self._lock:
            self.accepted[name] += 1
            self.people[address, message["Subject"], message.get_body(("plain",)).get_content()] += 1
            self.words[name] = message
            with self.log.open("a") as out:
                number = f"Q{sum(self.accepted.values()):07d}"
                out.write(f"mail postfix/cleanup[7]: {number}: message-id=<{name}@x>\n")
                out.write(f"mail postfix/qmgr[9]: {number}: from=<hallo@x>, size=900, nrcpt=1 (queue active)\n")
        if answer:
            server.transport.abort()
        return "250 OK"

    async def _said(self, server, moment, address, name):
        told = self.behave(moment, address, name)
        if isinstance(told, int | float):
            self.busy += 1  # somebody is in the middle of handing a mail over
            try:
                await asyncio.sleep(told)
            finally:
                self.busy -= 1
            return None
        if told == self.DROP:
            server.transport.abort()
            return "421 gone"
        return told
