"""The seal of the house that signs: a PAdES signature over the whole file, certified, no change allowed after it.

The field, its place in the structure and the file before the seal are made by `finish`; here the file is only
signed, as one increment, so a sealed file begins with the very bytes of the file before its seal.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Final

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.registry import SimpleCertificateStore

from .finish import SEAL_FIELD

_DIGEST: Final = "sha256"
_HASHES: Final[dict[str, HashAlgorithm]] = {"sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class SealTrouble(Exception):
    """Why no seal can be put now: `reason` is a code, `detail` a date or nothing."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}:{detail}" if detail else reason)
        self.reason, self.detail = reason, detail


class _KeptKey(Signer):
    """A signer whose key is an object read once, instead of being parsed again for every letter."""

    def __init__(self, key: PrivateKey, certificate: asn1.Certificate, chain: list[asn1.Certificate]) -> None:
        self.key = key
        others = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        others.register_multiple(chain)
        super().__init__(signing_cert=certificate, cert_registry=others)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Sign, or say how long a signature may be."""
        if dry_run:
            return bytes(self.key.key_size // 8 + 16 if isinstance(self.key, rsa.RSAPrivateKey) else 144)
        how = _HASHES[digest_algorithm]
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), how)
        return self.key.sign(data, ec.ECDSA(how))


class Sealer:
    """Key and certificate of the ministry, read once; the first certificate is its own, others are its chain."""

    def __init__(self, key: bytes, certificates: bytes) -> None:
        try:
            private = load_pem_private_key(key, None)
        except (ValueError, TypeError) as error:
            raise SealTrouble("key_unreadable") from error
        try:
            chain = x509.load_pem_x509_certificates(certificates)
        except ValueError as error:
            raise SealTrouble("certificate_unreadable") from error
        if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise SealTrouble("key_kind")
        if _public(private) != _public(chain[0]):
            raise SealTrouble("key_of_another")
        self.certificate = chain[0]
        made = [asn1.Certificate.load(one.public_bytes(Encoding.DER)) for one in chain]
        room = 2 * (sum(len(one.dump()) for one in made) + 1536 + private.key_size // 8)
        self._reserved = max(4096, -(-room // 1024) * 1024)
        meta = PdfSignatureMetadata(
            field_name=SEAL_FIELD,
            md_algorithm=_DIGEST,
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        )
        self._signer = PdfSigner(meta, _KeptKey(private, made[0], made[1:]))

    def check(self, now: datetime) -> None:
        """Raise SealTrouble when the certificate is not valid at this instant."""
        if now < self.certificate.not_valid_before_utc:
            raise SealTrouble("certificate_early", f"{self.certificate.not_valid_before_utc:%Y-%m-%d}")
        if now > self.certificate.not_valid_after_utc:
            raise SealTrouble("certificate_expired", f"{self.certificate.not_valid_after_utc:%Y-%m-%d}")

    @property
    def name(self) -> str:
        """The name that the certificate gives."""
        return self.certificate.subject.rfc4514_string()

    def seal(self, pdf: bytes) -> bytes:
        """Return the file sealed; `pdf` was made with a field for the seal."""
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        out = self._signer.sign_pdf(writer, existing_fields_only=True, bytes_reserved=self._reserved)
        sealed: bytes = out.getvalue()
        return sealed


def _public(holder: PrivateKey | x509.Certificate) -> bytes:
    return holder.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def stands(sealed: bytes, plain: bytes) -> bool:
    """Say whether a file is this very document with a whole seal: a write cut short is no seal."""
    if not sealed.startswith(plain) or len(sealed) == len(plain):
        return False
    try:
        [found] = PdfFileReader(io.BytesIO(sealed)).embedded_signatures
        found.compute_integrity_info()
        whole = found.coverage == SignatureCoverageLevel.ENTIRE_FILE
        claimed = found.signer_info["signed_attrs"]
        told = next(one["values"][0].native for one in claimed if one["type"].native == "message_digest")
    except Exception:  # noqa: BLE001 whatever is wrong with the file, it bears no seal
        return False
    return bool(whole and told == found.compute_digest())
