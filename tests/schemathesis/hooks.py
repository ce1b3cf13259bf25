"""Valid credentials for every operation, and values that exist.

Schemathesis makes requests from the descriptions of the services. Most of them need somebody who may
ask: the agency's or the business's system, an operator, or a wallet with a token and a DPoP proof.
"""

import base64
import hashlib
import json
import os
import time
import urllib.request
import uuid
from urllib.parse import parse_qs, urlencode, urlparse

import schemathesis
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

with open(os.environ["HOLDFAST_STACK"], encoding="utf-8") as file:
    STACK = json.load(file)

ISSUER, VERIFIER = STACK["issuer"]["url"], STACK["verifier"]["url"]
GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
# Somebody in the register that the stack was made with.
SUBJECT = "SYN-000001"
NONCE_SECONDS = 60
TOKEN_SECONDS = 300


def call(method, url, body=None, headers=None):
    """Sends a request; gives the headers and the body of the answer."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers, answer.read()


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Wallet:
    """A wallet as far as it gets a token and proves to hold its key."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.nonce, self.nonce_at = None, 0
        self.access_token, self.token_at = None, 0

    def proof(self, url, token=None):
        """RFC 9449 §4.2"""
        if time.time() - self.nonce_at > NONCE_SECONDS:
            headers, _ = call("POST", f"{ISSUER}/nonce", b"")
            self.nonce, self.nonce_at = headers["DPoP-Nonce"], time.time()
        numbers = self.key.public_key().public_numbers()
        point = {name: base64url(getattr(numbers, name).to_bytes(32, "big")) for name in "xy"}
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": {"kty": "EC", "crv": "P-256", **point}}
        claims = {
            "jti": str(uuid.uuid4()),
            "htm": "POST",
            "htu": url,
            "iat": int(time.time()),
            "nonce": self.nonce,
        }
        if token:
            claims["ath"] = base64url(hashlib.sha256(token.encode()).digest())
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def token(self):
        """A token for a card that was offered a moment ago."""
        if time.time() - self.token_at > TOKEN_SECONDS:
            form = urlencode({"grant_type": GRANT, "pre-authorized_code": code()}).encode()
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "DPoP": self.proof(f"{ISSUER}/token"),
            }
            _, body = call("POST", f"{ISSUER}/token", form, headers)
            self.access_token, self.token_at = json.loads(body)["access_token"], time.time()
        return self.access_token


def code():
    """The code of a new offer."""
    body = json.dumps({"credential_type": "residence", "subject": SUBJECT, "form": "value"}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {STACK['issuer']['token']}"}
    _, answer = call("POST", f"{ISSUER}/api/v1/offers", body, headers)
    offer = parse_qs(urlparse(json.loads(answer)["offer_uri"]).query)["credential_offer"][0]
    return json.loads(offer)["grants"][GRANT]["pre-authorized_code"]


class Operators:
    """Everybody who works at the pages, each signed in once."""

    def __init__(self):
        self.cookies = {}

    def cookie(self, service, console):
        if service not in self.cookies:
            # The last one may do everything.
            operator = STACK[service]["operators"][-1]
            body = json.dumps({"name": operator["name"], "password": operator["password"]}).encode()
            headers, _ = call("POST", f"{STACK[service]['url']}{console}/sign-in", body, PAGE)
            self.cookies[service] = headers["Set-Cookie"].split(";")[0]
        return self.cookies[service]


PAGE = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
WALLET, OPERATORS = Wallet(), Operators()
CONSOLES = [("issuer", "/console/api/v1"), ("verifier", "/desk/api/v1")]


def credentials(path):
    """The headers of somebody who may ask for this."""
    if path == "/token":
        return {"DPoP": WALLET.proof(f"{ISSUER}{path}")}
    if path in ("/credential", "/notification"):
        token = WALLET.token()
        return {"DPoP": WALLET.proof(f"{ISSUER}{path}", token), "Authorization": f"DPoP {token}"}
    for service, console in CONSOLES:
        if path.startswith(console):
            headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": str(uuid.uuid4())}
            # Signing out by chance would end the session of all that follow.
            if not path.endswith("/sign-out"):
                headers["Cookie"] = OPERATORS.cookie(service, console)
            return headers
    if path == "/api/v1/entries":
        return {"Authorization": f"Bearer {STACK['ledger']['admin_token']}"}
    if path.startswith("/api/v1/checks") or path.startswith("/api/v1/sessions"):
        return {"Authorization": f"Bearer {STACK['verifier']['token']}"}
    if path.startswith("/api/v1/"):
        return {"Authorization": f"Bearer {STACK['issuer']['token']}"}
    return {}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Requests come from somebody who may ask."""
    case.headers = {**(case.headers or {}), **credentials(case.path)}


# Values that exist, so that not every request ends at "there is nothing here".
KNOWN = {
    "credential_type": ["residence", "person-identification"],
    "card_type": ["residence", "person-identification"],
    "subject": [SUBJECT, "SYN-000002"],
    "check": STACK["verifier"]["checks"],
    "credential_configuration_id": ["residence", "residence.offline"],
}


def known(values, name, key):
    """One of the values that exist, for every second request."""
    choices = KNOWN.get(name)
    if choices and isinstance(values, dict) and name in values:
        place = int(hashlib.sha256(key.encode()).hexdigest(), 16) % (2 * len(choices))
        if place < len(choices):
            values[name] = choices[place]


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    for name in path_parameters or {}:
        known(path_parameters, name, repr(path_parameters))
    return path_parameters


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict):
        for name in list(body):
            known(body, name, repr(body))
    return body
