"""Many people at once: tokens on standard input, [status, seconds] of each yes on standard output."""

import json
import secrets
import socket
import sys
import threading
import time

ASK = (
    "POST /api/v1/links/{token}/answer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    'Idempotency-Key: {key}\r\nContent-Length: 17\r\n\r\n{{"answer": "yes"}}'
)


class Line:
    """A connection that is kept, as a browser keeps it; in few words, for the computer is there for the answers."""

    def __init__(self, port):
        self._port, self._socket = port, None

    def ask(self, token):
        """The status; 0 when the line broke."""
        asked = ASK.format(token=token, key=secrets.token_hex(16)).encode()
        for _try in range(2):
            try:
                return self._ask(asked)
            except OSError:  # a kept line that the server closed meanwhile
                self._socket = None
        return 0

    def _ask(self, asked):
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self._socket.sendall(asked)
        told = b""
        while b"\r\n\r\n" not in told:
            told += self._more()
        head, _, body = told.partition(b"\r\n\r\n")
        head = head.lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += self._more()
        if b"connection: close" in head:
            self._socket.close()
            self._socket = None
        return int(head.split(b" ")[1])

    def _more(self):
        if more := self._socket.recv(65536):
            return more
        raise ConnectionError


def main(port, connections):
    tokens = iter([line.strip() for line in sys.stdin if line.strip()])
    lock, found = threading.Lock(), []
    begin = threading.Barrier(connections)

    def work():
        line = Line(port)
        begin.wait()
        while True:
            with lock:
                token = next(tokens, None)
            if token is None:
                return
            began = time.monotonic()
            found.append([line.ask(token), time.monotonic() - began])

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
