"""Certificates of a ministry that does not exist, made for a test: valid, expired, of another key, with a chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

EARLY = datetime(2020, 1, 1, tzinfo=UTC)
LATE = datetime(2080, 1, 1, tzinfo=UTC)


@dataclass
class Pair:
    """A key and the certificates to it, as PEM."""

    key: bytes
    certificate: bytes

    def named(self, settings: Any, folder: Path) -> None:
        """Point the settings to files, as an installation does."""
        for name, data in (("SEAL_KEY", self.key), ("SEAL_CERTIFICATE", self.certificate)):
            file = folder / f"{name.lower()}.pem"
            file.write_bytes(data)
            setattr(settings, f"{name}_FILE", str(file))


def _name(words: str) -> x509.Name:
    made = [(NameOID.ORGANIZATION_NAME, "Ministère de l’Exemple"), (NameOID.COMMON_NAME, words)]
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in made])


def _signed(
    subject: str, issuer: str, public: Any, by: Any, start: datetime, end: datetime
) -> x509.Certificate:
    made = (
        x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer)).public_key(public)
    )
    made = made.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)
    usage = x509.KeyUsage(True, True, False, False, False, subject == issuer, False, False, False)
    basic = x509.BasicConstraints(ca=subject == issuer, path_length=None)
    return made.add_extension(usage, True).add_extension(basic, True).sign(by, hashes.SHA256())


def _pem(key: Any) -> bytes:
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def pair(start: datetime = EARLY, end: datetime = LATE, *, rsa_bits: int = 0) -> Pair:
    """A seal's key with its certificate and the certificate of who issued it."""
    root = ec.generate_private_key(ec.SECP256R1())
    key: Any = (
        rsa.generate_private_key(65537, rsa_bits) if rsa_bits else ec.generate_private_key(ec.SECP256R1())
    )
    own = _signed("Sceau de l’Exemple", "Racine de l’Exemple", key.public_key(), root, start, end)
    top = _signed("Racine de l’Exemple", "Racine de l’Exemple", root.public_key(), root, EARLY, LATE)
    return Pair(_pem(key), own.public_bytes(Encoding.PEM) + top.public_bytes(Encoding.PEM))


def ed25519_pair() -> Pair:
    """A key of a kind that we do not seal with."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Pair(_pem(Ed25519PrivateKey.generate()), pair().certificate)
