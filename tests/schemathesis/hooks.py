"""Valid credentials for every operation, and values that exist.

Schemathesis makes requests from the descriptions of the services. Most operations need somebody who may
ask: a system with its token, an operator who signed in, or a wallet with a token and a DPoP proof. And
most ask about something: a person, a card, a check.

HOLDFAST_STACK is what `cargo xtask up --json` told, HOLDFAST_TARGET the name of the service in it.
"""

import base64
import hashlib
import json
import os
import socket
import time
import tomllib
import urllib.request
import uuid
from functools import cached_property
from urllib.parse import parse_qs, urlencode, urlparse

import schemathesis
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

with open(os.environ["HOLDFAST_STACK"], encoding="utf-8") as file:
    STACK = json.load(file)
TARGET = os.environ["HOLDFAST_TARGET"]
SERVICE = STACK.get(TARGET, {})

GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
# Somebody in the register that the stack was made with, and a card that everybody there can have.
SUBJECT, CARD = "SYN-000001", "person-identification"
# For less than the services let them be good.
NONCE_SECONDS = 60
TOKEN_SECONDS = 300
CONSOLES = {"issuer": "/console/api/v1", "verifier": "/desk/api/v1"}

schemathesis.serializer.alias("application/cbor", "application/octet-stream")
schemathesis.serializer.alias("application/jwt", "text/plain")

look_up = socket.getaddrinfo


def look_up_here(host, *arguments, **named):
    """Names below localhost are this machine. RFC 6761 §6.3"""
    here = isinstance(host, str) and host.endswith(".localhost")
    return look_up("127.0.0.1" if here else host, *arguments, **named)


socket.getaddrinfo = look_up_here


def call(method, url, body=None, headers=None):
    """Sends a request; gives the headers and the body of the answer."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers, answer.read()


def post_json(url, value, headers=None):
    """The same for JSON."""
    headers = {"Content-Type": "application/json", **(headers or {})}
    headers, body = call("POST", url, json.dumps(value).encode(), headers)
    return headers, json.loads(body)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """A key of a wallet."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        point = {name: base64url(getattr(numbers, name).to_bytes(32, "big")) for name in "xy"}
        self.jwk = {"kty": "EC", "crv": "P-256", **point}

    def sign(self, typ, claims):
        """A JWS that carries the key. RFC 7515 §7.1"""
        header = {"typ": typ, "alg": "ES256", "jwk": self.jwk}
        text = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def proof(self, audience, nonce_from):
        """That it is held, to somebody who gives nonces. OpenID4VCI 1.0 Appendix F.1"""
        nonce = json.loads(call("POST", f"{nonce_from}/nonce", b"")[1])["c_nonce"]
        claims = {"aud": audience, "iat": int(time.time()), "nonce": nonce}
        return self.sign("openid4vci-proof+jwt", claims)


class Wallet:
    """A wallet as far as it gets a token and a card, and proves to hold its key."""

    def __init__(self, issuer):
        self.issuer = issuer
        self.key = Key()
        self.nonce, self.nonce_at = None, 0
        self.access_token, self.token_at, self.offer = None, 0, None

    def dpop(self, path, token=None):
        """RFC 9449 §4.2"""
        if time.time() - self.nonce_at > NONCE_SECONDS:
            headers, _ = call("POST", f"{self.issuer['url']}/nonce", b"")
            self.nonce, self.nonce_at = headers["DPoP-Nonce"], time.time()
        claims = {
            "jti": str(uuid.uuid4()),
            "htm": "POST",
            "htu": f"{self.issuer['url']}{path}",
            "iat": int(time.time()),
            "nonce": self.nonce,
        }
        if token:
            claims["ath"] = base64url(hashlib.sha256(token.encode()).digest())
        return self.key.sign("dpop+jwt", claims)

    def attested(self, path):
        """A DPoP proof and who vouches for its key. OpenID4VCI 1.0 Appendix E"""
        return {"DPoP": self.dpop(path), "OAuth-Client-Attestation": self.attestation}

    @cached_property
    def attestation(self):
        attester = STACK["attester"]["url"]
        proof = self.key.proof(attester, attester)
        return post_json(f"{attester}/api/v1/wallet-attestation", {"proof": proof})[1]["attestation"]

    def token(self):
        """A token for a card that was offered a moment ago."""
        if time.time() - self.token_at > TOKEN_SECONDS:
            self.offer = make_offer(self.issuer)
            form = urlencode({"grant_type": GRANT, "pre-authorized_code": code_of(self.offer)}).encode()
            headers = {"Content-Type": "application/x-www-form-urlencoded", "DPoP": self.dpop("/token")}
            _, body = call("POST", f"{self.issuer['url']}/token", form, headers)
            self.access_token, self.token_at = json.loads(body)["access_token"], time.time()
        return self.access_token

    def authorization(self, path):
        """RFC 9449 §7.1"""
        token = self.token()
        return {"DPoP": self.dpop(path, token), "Authorization": f"DPoP {token}"}

    @cached_property
    def card(self):
        """The id of a card that this wallet fetched, and of the notification about it."""
        authorization = self.authorization("/credential")
        request = {"credential_configuration_id": CARD, "proofs": {"jwt": [self.key_proof()]}}
        _, answer = post_json(f"{self.issuer['url']}/credential", request, authorization)
        headers = {"Authorization": f"Bearer {self.issuer['token']}"}
        _, state = call("GET", f"{self.issuer['url']}/api/v1/offers/{self.offer['id']}", None, headers)
        return json.loads(state)["credential_id"], answer["notification_id"]

    def key_proof(self):
        return Key().proof(self.issuer["url"], self.issuer["url"])


def make_offer(issuer, form="value"):
    wanted = {"credential_type": CARD, "subject": SUBJECT, "form": form}
    headers = {"Authorization": f"Bearer {issuer['token']}"}
    return post_json(f"{issuer['url']}/api/v1/offers", wanted, headers)[1]


def code_of(offer):
    message = json.loads(parse_qs(urlparse(offer["offer_uri"]).query)["credential_offer"][0])
    return message["grants"][GRANT]["pre-authorized_code"]


def reference_of(offer):
    uri = parse_qs(urlparse(offer["offer_uri"]).query)["credential_offer_uri"][0]
    return uri.rsplit("/", 1)[1]


def open_session():
    """A session of the business, and what its wallet knows it by."""
    headers = {"Authorization": f"Bearer {SERVICE['token']}"}
    check = SERVICE["checks"][0]
    opened = post_json(f"{SERVICE['url']}/api/v1/checks/{check}/sessions", {}, headers)[1]
    request = parse_qs(urlparse(opened["request_uri"]).query)["request_uri"][0]
    return opened["id"], request.rsplit("/", 1)[1]


def sign_in():
    """The cookie of the operator who may do everything: the last one."""
    operator = SERVICE["operators"][-1]
    typed = {"name": operator["name"], "password": operator["password"]}
    url = f"{SERVICE['url']}{CONSOLES[TARGET]}/sign-in"
    headers, _ = post_json(url, typed, {"Sec-Fetch-Site": "same-origin"})
    return headers["Set-Cookie"].split(";")[0].split("=", 1)


def client():
    """Who sends people to the small provider."""
    with open(SERVICE["config"], "rb") as settings:
        return tomllib.load(settings)["clients"][0]


# Before anything is tried: wrong passwords make everybody at this address wait.
COOKIE = sign_in() if TARGET in CONSOLES else None
WALLET = Wallet(SERVICE) if TARGET in ("issuer", "transport") else None
CLIENT = client() if TARGET == "sign_in" else None


def scheme_of(operation):
    needed = operation.definition.raw.get("security", [])
    return next((name for one in needed for name in one), None)


def credentials(operation):
    """The headers of somebody who may call this, the cookie apart."""
    scheme, path = scheme_of(operation), operation.path
    if scheme == "session":
        # Requests that are the same have one effect: each is another.
        return {"Idempotency-Key": str(uuid.uuid4())}
    if scheme == "bearer" and path.startswith("/api/v1/businesses") and "/webhooks/" not in path:
        return {"Authorization": f"Bearer {SERVICE['provisioning_token']}", "Idempotency-Key": str(uuid.uuid4())}
    if scheme == "bearer":
        return {"Authorization": f"Bearer {SERVICE.get('token') or SERVICE['admin_token']}"}
    if scheme == "dpop":
        return WALLET.authorization(path)
    if scheme == "basic":
        pair = f"{CLIENT['client_id']}:{CLIENT['client_secret']}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    if path in ("/token", "/par") and TARGET != "sign_in":
        return WALLET.attested(path) if TARGET == "transport" else {"DPoP": WALLET.dpop(path)}
    return None


@schemathesis.auth(refresh_interval=None)
class Credentials:
    """Requests come from somebody who may ask."""

    def get(self, case, context):
        return credentials(case.operation)

    def set(self, case, data, context):
        case.headers.update(data)
        if scheme_of(case.operation) == "session":
            case.cookies[COOKIE[0]] = COOKIE[1]


# Values that exist, so that not every request ends at "there is nothing here". Some are made when they
# are needed.
CHALLENGE = base64url(hashlib.sha256(b"verifier").digest())
KNOWN = {
    "issuer": {
        "credential_type": lambda: CARD,
        "card_type": lambda: CARD,
        "subject": lambda: SUBJECT,
        "query": lambda: SUBJECT,
        "credential_configuration_id": lambda: CARD,
        "proofs": lambda: {"jwt": [WALLET.key_proof()]},
        "notification_id": lambda: WALLET.card[1],
        "pre-authorized_code": lambda: code_of(make_offer(SERVICE)),
        "reference": lambda: reference_of(make_offer(SERVICE, "reference")),
        "/people/{id}": lambda: SUBJECT,
        "/cards/{id}": lambda: WALLET.card[0],
        "/credentials/{id}": lambda: WALLET.card[0],
        "/offers/{id}": lambda: make_offer(SERVICE)["id"],
    },
    "transport": {
        "client_id": lambda: "holdfast-wallet",
        "redirect_uri": lambda: "org.holdfast.wallet:/authorized",
        "scope": lambda: "driving-licence",
        "code_challenge": lambda: CHALLENGE,
    },
    "verifier": {
        "/try/api/v1/checks/{check}": lambda: "age-18",
        "check": lambda: SERVICE["checks"][0],
        "business": lambda: "main",
        "webhook": lambda: "till",
        "url": lambda: "https://business.example/in",
        "events": lambda: ["session.closed"],
        "wallet_id": lambda: open_session()[1],
        "/api/v1/sessions/{id}": lambda: open_session()[0],
    },
    "attester": {
        "proof": lambda: Key().proof(SERVICE["url"], SERVICE["url"]),
        "proofs": lambda: [Key().proof(SERVICE["url"], SERVICE["url"])],
    },
    "sign_in": {
        "client_id": lambda: CLIENT["client_id"],
        "redirect_uri": lambda: CLIENT["redirect_uris"][0],
        "response_type": lambda: "code",
        "scope": lambda: "openid",
        "code_challenge": lambda: CHALLENGE,
        "code_challenge_method": lambda: "S256",
    },
    "ledger": {"path": lambda: "0/000.p/1"},
    "mirror": {"path": lambda: "0/000.p/1"},
}.get(TARGET, {})
# Ids that the service itself has given: what follows a link stays as it is.
GIVEN = set()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Puts values that exist into every second request."""
    if int(hashlib.sha256(case.id.encode()).hexdigest(), 16) % 2:
        return
    path = case.operation.path
    for name in case.path_parameters or {}:
        makes = [make for place, make in KNOWN.items() if f"{{{name}}}" in place and place in path]
        make = makes[0] if makes else KNOWN.get(name)
        if make and case.path_parameters[name] not in GIVEN:
            case.path_parameters[name] = make()
    for values in (case.query, case.body):
        if isinstance(values, dict):
            for name in [name for name in values if name in KNOWN]:
                values[name] = KNOWN[name]()


@schemathesis.hook
def after_call(context, case, response):
    """Remembers ids."""
    if "json" in (response.headers.get("content-type") or [""])[0]:
        answer = response.json()
        if isinstance(answer, dict) and isinstance(answer.get("id"), str):
            GIVEN.add(answer["id"])
