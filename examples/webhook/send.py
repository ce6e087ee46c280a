"""Send one signed sign-up, as a server or a webhook does: `python send.py ada@example.com Ada`."""

import hashlib
import hmac
import json
import os
import sys
import time
import urllib.request

ADDRESS = os.environ.get("RELAY_URL", "https://relay.example.com") + "/forms/server-newsletter"
SECRET = os.environ["RELAY_SIGNING_SECRET"]


def send(sign_up: dict[str, object]) -> dict[str, str]:
    """Send a sign-up and return the relay's answer.

    After a failure, send the same again: the relay knows a repeat by its values.
    """
    body, now = json.dumps(sign_up), int(time.time())
    mac = hmac.new(SECRET.encode(), f"{now}:{body}".encode(), hashlib.sha256)
    headers = {"Content-Type": "application/json", "X-Timestamp": str(now), "X-Signature": mac.hexdigest()}
    request = urllib.request.Request(ADDRESS, body.encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        result: dict[str, str] = json.load(answer)
    return result


if __name__ == "__main__":
    email, given_name = sys.argv[1:]
    print(send({"email": email, "given_name": given_name, "news": True}))
