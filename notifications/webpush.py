"""Encrypts what a browser is pushed (RFC 8291, aes128gcm) and says who pushes (VAPID, RFC 8292).

pywebpush would do it; its wheel-less dependency keeps it out of an install that only takes wheels (decision 0014).
"""

import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD = 4096
HOURS_12 = 12 * 3600


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """A P-256 key from 32 bytes in base64url. Raises ValueError."""
    raw = decoded(text)
    if len(raw) != 32:
        raise ValueError("a key for web push is 32 bytes in base64url")
    return ec.derive_private_key(int.from_bytes(raw), ec.SECP256R1())


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encrypt(
    words: bytes, their_key: str, their_secret: str, *, key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:  # fmt: skip
    """The body of the request. Raises ValueError for a subscription that is none."""
    theirs = decoded(their_key)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
    key, salt = key or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(16)
    mine = public_bytes(key)
    shared = key.exchange(ec.ECDH(), public)
    secret = _derived(shared, decoded(their_secret), b"WebPush: info\0" + theirs + mine, 32)
    content_key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(content_key).encrypt(nonce, words + b"\2", None)
    return salt + RECORD.to_bytes(4) + bytes([len(mine)]) + mine + sealed


def who_pushes(endpoint: str, key: ec.EllipticCurvePrivateKey, subject: str) -> str:
    """The Authorization header for one push service."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(time.time()) + HOURS_12, "sub": subject}
    return f"vapid t={jwt.encode(claims, key, algorithm='ES256')}, k={encoded(public_bytes(key))}"


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
