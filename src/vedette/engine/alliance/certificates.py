"""Certificates of the links: an authority of the alliance, and one certificate for each server, both ways."""

import ipaddress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from vedette.model.errors import RecordError

AUTHORITY_DAYS = 3650
SERVER_DAYS = 398
_PrivateKey = ec.EllipticCurvePrivateKey


def new_key() -> bytes:
    """A private key for TLS (P-256), as PEM."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _read_key(pem: bytes) -> _PrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise RecordError("the key of the link is none of P-256")
    return key


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def request(key: bytes, name: str) -> bytes:
    """What a nation asks the authority to sign, as PEM; its private key stays at home."""
    signed = x509.CertificateSigningRequestBuilder().subject_name(_name(name))
    return signed.sign(_read_key(key), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _builder(subject: x509.Name, issuer: x509.Name, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
    )


def new_authority(key: bytes, name: str) -> bytes:
    """The certificate of an authority, as PEM."""
    private = _read_key(key)
    built = (
        _builder(_name(name), _name(name), AUTHORITY_DAYS)
        .public_key(private.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    return built.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def issue(authority: bytes, key: bytes, asked: bytes, name: str, hosts: list[str]) -> bytes:
    """A certificate for what was asked, as PEM; it says ``name``, whatever the request says.

    Raises:
        RecordError: the request is none, or was changed.
    """
    try:
        signed = x509.load_pem_x509_csr(asked)
    except ValueError as error:
        raise RecordError(f"no request for a certificate: {error}") from error
    if not signed.is_signature_valid:
        raise RecordError("the request for a certificate was changed")
    issuer = x509.load_pem_x509_certificate(authority)
    names: list[x509.GeneralName] = []
    for host in hosts:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            names.append(x509.DNSName(host))
    built = (
        _builder(_name(name), issuer.subject, SERVER_DAYS)
        .public_key(signed.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
    )
    pem = built.sign(_read_key(key), hashes.SHA256())
    return pem.public_bytes(serialization.Encoding.PEM)
