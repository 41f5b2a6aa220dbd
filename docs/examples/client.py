#!/usr/bin/env python3
"""A client of the API with nothing but Python: a volunteer's journey against a sandbox (see docs/api.md).

usage: client.py [http://127.0.0.1:8000]     needs SANDBOX=True there: the code is 000000
"""

import json
import random
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

SERVER = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000"
TRIES = 4


class Refused(Exception):
    """A problem (RFC 9457); `code` says which."""

    def __init__(self, status: int, problem: dict) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('title')} {problem.get('issues', '')}")
        self.status, self.code = status, problem.get("code")


class Client:
    def __init__(self) -> None:
        self.token = ""

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict, dict]:
        """One call. It is repeated with the same key while the network or the server fails: it happens once."""
        headers |= {"Accept-Language": "nl", "Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        if self.token:
            headers["X-Session-Token"] = self.token
        data = None if body is None else json.dumps(body).encode()
        for attempt in range(TRIES):
            request = urllib.request.Request(SERVER + path, data, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return answer.status, json.loads(answer.read() or b"null"), dict(answer.headers)
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code != 429:
                    return error.code, json.loads(error.read() or b"{}"), dict(error.headers)
                pause = float(error.headers.get("Retry-After", 2**attempt))
            except OSError:
                pause = 2**attempt
            time.sleep(pause)
        raise SystemExit(f"{method} {path}: no answer after {TRIES} tries")

    def api(self, method: str, path: str, body: object = None, **headers: str) -> dict:
        status, found, _ = self.call(method, f"/api/v1/{path}", body, **headers)
        if status >= 400:
            raise Refused(status, found)
        return found

    def come_in(self, phone: str) -> None:
        self.api("POST", "accounts", {"phone": phone, "language": "nl"})
        _, asked, _ = self.call("POST", "/_allauth/app/v1/auth/code/request", {"phone": phone})
        self.token = asked["meta"]["session_token"]
        _, entered, _ = self.call("POST", "/_allauth/app/v1/auth/code/confirm", {"code": "000000"})
        self.token = entered["meta"]["session_token"]


def journey(me: Client) -> None:
    config = me.api("GET", "config")
    print(f"{config['name']}, in {len(config['languages'])} languages")
    me.come_in(f"+3247{random.randrange(10**7):07}")
    wijk = me.api("GET", "neighbourhoods")[0]
    me.api("PUT", "me/profile", {
        "first_name": "Sam", "age": 30, "neighbourhood": wijk["code"], "postcode": wijk["postcode"],
        "languages": {"nl": "B1", "fr": "B2"}, "talents": {one["code"]: 2 for one in me.api("GET", "talents")[:40]},
        "talents_point_only": [], "themes": ["buurt"], "themes_excluded": [], "available": config["slots"],
        "max_hours_per_week": 8, "transport": "bike", "max_km": 20, "max_commitment": "fixed", "boundaries": [],
        "wishes": [], "driving_licence_b": False, "own_car": False, "declared_statuses": [], "channel": "app",
        "digital": "good",
    })  # fmt: skip
    me.api("POST", "me/consents", {"purpose": "proposals"})
    print("profile made, and agreed to get proposals")

    found = me.api("GET", "opportunities?page_size=50&label=laag")
    print(f"{found['count']} opportunities are easy to start")
    for one in found["results"]:
        try:
            proposal = me.api("POST", f"opportunities/{one['id']}/interest")
            break
        except Refused as problem:
            print(f"  not {one['title']}: {problem.code}")
    else:
        [proposal, *_] = me.api("GET", "proposals")["results"]
    print(f"asked for: {proposal['opportunity']['title']}")
    for line in proposal["reasons"]:
        print(f"  + {line['text']}")
    said = me.api("POST", f"proposals/{proposal['id']}/answer", {"answer": "yes"})
    print(f"said yes: {said['state']}")
    slots = me.api("GET", f"proposals/{proposal['id']}/slots")
    if slots:
        visit = me.api("POST", f"proposals/{proposal['id']}/trial-visit", {"starts_at": slots[0]["starts_at"]})
        print(f"comes to try on {visit['starts_at']}")
    print(f"{len(me.api('GET', 'me/journal')['results'])} lines in the journal, everything exported:",
          ", ".join(me.api("GET", "me/export")))  # fmt: skip
    me.api("DELETE", "me", {"confirm": True})
    print("erased again")


if __name__ == "__main__":
    journey(Client())
