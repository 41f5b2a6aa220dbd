"""Many people at once: tokens on standard input, [status, seconds] of each yes on standard output."""

import http.client
import json
import secrets
import sys
import threading
import time


def main(port, connections):
    tokens = iter([line.strip() for line in sys.stdin if line.strip()])
    lock, found = threading.Lock(), []
    begin = threading.Barrier(connections)

    def work():
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        begin.wait()
        while True:
            with lock:
                token = next(tokens, None)
            if token is None:
                return
            headers = {"Content-Type": "application/json", "Idempotency-Key": secrets.token_hex(16)}
            began = time.monotonic()
            for _try in range(2):
                try:
                    line.request("POST", f"/api/v1/links/{token}/answer", '{"answer": "yes"}', headers)
                    response = line.getresponse()
                    response.read()
                    status = response.status
                    break
                except (http.client.HTTPException, ConnectionError):  # a kept line that the server closed meanwhile
                    line.close()
                    status = 0
            found.append([status, time.monotonic() - began])

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
