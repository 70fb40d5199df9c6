"""certificates.py: a certificate authority for one test run, made with openssl.

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import subprocess


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


class Authority:
    """Signs certificates for servers and clients, valid for a day."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificate = self.folder / "ca.pem"
        self._key = self.folder / "ca.key"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                 "-nodes", "-days", 1, "-subj", f"/CN={name}", "-keyout", self._key,
                 "-out", self.certificate)

    def _ca(self, *arguments):
        """openssl ca, with its list of what was signed and revoked."""
        config = self.folder / "ca.cnf"
        if not config.exists():
            (self.folder / "index.txt").touch()
            (self.folder / "crlnumber").write_text("01\n")
            (self.folder / "serial").write_text("1000\n")
            config.write_text(
                "[ca]\ndefault_ca = d\n[d]\n"
                f"database = {self.folder}/index.txt\ncrlnumber = {self.folder}/crlnumber\n"
                f"serial = {self.folder}/serial\nnew_certs_dir = {self.folder}\n"
                "default_md = sha256\ndefault_crl_days = 1\nunique_subject = no\npolicy = p\n"
                "[p]\ncommonName = supplied\n")
        _openssl("ca", "-batch", "-config", config, "-keyfile", self._key,
                 "-cert", self.certificate, *arguments)

    def revoke(self, *certificates, name="crl.pem", begin=None, end=None):
        """Gives a file with the list of all certificates that were revoked; it holds for a day, or
        from the one time in UTC, YYYYMMDDhhmmssZ, to the other."""
        for certificate in certificates:
            self._ca("-revoke", certificate)
        crl = self.folder / name
        times = ["-crl_lastupdate", begin, "-crl_nextupdate", end] if end else []
        self._ca("-gencrl", "-out", crl, *times)
        return crl

    def sign_until(self, name, end):
        """The same as sign, but good until that time in UTC, YYYYMMDDhhmmssZ."""
        _, key = self.sign(name)
        certificate = self.folder / f"{name}.{end}.pem"
        self._ca("-in", self.folder / f"{name}.csr", "-startdate", "20240101000000Z", "-enddate",
                 end, "-extfile", self.folder / f"{name}.ext", "-out", certificate, "-notext")
        return certificate, key

    def sign(self, name):
        """Gives (certificate file, key file) for a server on localhost or a client of this name."""
        key = self.folder / f"{name}.key"
        request = self.folder / f"{name}.csr"
        certificate = self.folder / f"{name}.pem"
        names = self.folder / f"{name}.ext"
        names.write_text(f"subjectAltName=DNS:{name},DNS:localhost,IP:127.0.0.1\n")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        _openssl("x509", "-req", "-days", 1, "-in", request, "-CA", self.certificate,
                 "-CAkey", self._key, "-CAcreateserial", "-extfile", names, "-out", certificate)
        return certificate, key
