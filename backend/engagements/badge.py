"""The same certificate for a wallet: an Open Badges 3.0 credential, signed (VC-JWT, ES256), asked for by its owner.

It holds a first name and what was done; no address, no status and no id of an account. Whoever receives it checks it
with the keys at `/attest/sleutels.json`; there is nothing to look up about the person.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.urls import reverse
from django.utils.encoding import force_bytes

from backend.city.load import CityFile, city
from backend.engagements.certificate import Helped
from backend.placements.models import Placement
from matching.catalogue import load_catalogue
from notifications.webpush import encoded

CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
)
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
ALGORITHM, MEDIA_TYPE = "ES256", "application/vc+jwt"
ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def credential_of(placement: Placement, told: Helped, now: datetime) -> dict[str, Any]:
    """The credential as JSON-LD. `told` is what the paper says."""
    place, catalogue = city(placement.proposal.volunteer.city), load_catalogue()
    when, here = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), f"urn:uuid:{placement.pk}"
    aligned = [
        {
            "type": ["Alignment"],
            "targetName": catalogue.talents[one].esco_title,
            "targetUrl": catalogue.talents[one].esco_uri,
            "targetFramework": "ESCO",
            "targetType": "ext:EscoSkill",
        }
        for one in told.talents
        if catalogue.talents[one].esco_uri
    ]
    achievement = {
        "id": f"{here}#achievement",
        "type": ["Achievement"],
        "name": told.task,
        "description": f"Volunteering at {told.organisation}: {told.task}",
        "criteria": {
            "narrative": f"Helped {told.times} times, {told.hours.normalize():f} hours in all,"
            f" between {told.first} and {told.last}; the organisation confirmed each day."
            + (f" Learned, says the organisation: {'; '.join(told.learned)}." if told.learned else "")
        },
        "creator": {"id": f"{here}#organisation", "type": ["Profile"], "name": told.organisation},
        "achievementType": "CommunityService",
        **({"alignment": aligned} if aligned else {}),
    }
    return {
        "@context": list(CONTEXTS),
        "id": here,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": told.task,
        "issuer": issuer_of(place),
        "validFrom": when,
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "identityHash": told.name, "identityType": "name", "hashed": False}
            ],
            "activityStartDate": f"{told.first}T00:00:00Z",
            "activityEndDate": f"{told.last}T00:00:00Z",
            "achievement": achievement,
        },
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
    }


def issuer_of(place: CityFile) -> dict[str, Any]:
    """Who signs: the volunteer point of the city."""
    return {
        "id": f"{settings.PUBLIC_URL}{reverse('badge_issuer', args=[place.slug])}",
        "type": ["Profile"],
        "name": f"Helpende handen {place.matching.name}",
        "url": settings.PUBLIC_URL,
    }


def signed(credential: dict[str, Any]) -> str:
    """The credential as a VC-JWT (Open Badges 3.0, 8.2.4): its members are the payload."""
    key = _key(settings.SECRET_KEY)
    begins = int(datetime.fromisoformat(credential["validFrom"]).timestamp())
    payload = {**credential, "iss": credential["issuer"]["id"], "jti": credential["id"], "nbf": begins}
    public = public_jwk(key)
    where = f"{settings.PUBLIC_URL}{reverse('badge_keys')}#{public['kid']}"
    return jwt.encode(payload, key, algorithm=ALGORITHM, headers={"kid": where, "typ": "JWT"})


def public_keys() -> list[dict[str, str]]:
    """The key that signs now and those of before a change of SECRET_KEY, so that old certificates can be checked."""
    return [public_jwk(_key(one)) for one in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """A JSON Web Key; `kid` is its thumbprint (RFC 7638)."""
    numbers = key.public_key().public_numbers()
    x, y = (encoded(value.to_bytes(32)) for value in (numbers.x, numbers.y))
    core = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
    thumbprint = hashlib.sha256(json.dumps(core, sort_keys=True, separators=(",", ":")).encode()).digest()
    return {**core, "kid": encoded(thumbprint), "alg": ALGORITHM, "use": "sig"}


def _key(secret: str | bytes) -> ec.EllipticCurvePrivateKey:
    """One key out of the secret of the installation, so that there is one secret to keep and to change."""
    drawn = HKDF(algorithm=SHA256(), length=48, salt=None, info=b"helpende handen: badges").derive(force_bytes(secret))
    return ec.derive_private_key(int.from_bytes(drawn) % (ORDER_OF_P256 - 1) + 1, ec.SECP256R1())
