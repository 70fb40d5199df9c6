"""callers.py: callers of a server that asks for client certificates.

SPDX-License-Identifier: Apache-2.0
"""
import grpc

from client import Client
from waiting import wait_until

EVERY_ROLE = ("front", "adapter", "reconciliation", "judicial", "operator", "approver", "platform",
              "auditor", "administrator")


def rights(protos, roles=EVERY_ROLE, ledgers=None, channels=None):
    """Fields of CreateCaller and UpdateCaller; no ledgers or channels named: all of them."""
    caller = protos.caller
    return {
        "roles": caller.CallerRoles(**dict.fromkeys(roles, True)),
        "all_ledgers": ledgers is None,
        "ledgers": [caller.CallerLedger(ledger_id=one) for one in ledgers or []],
        "any_channel": channels is None,
        "channels": [caller.CallerChannel(channel=one) for one in channels or []]}


def tls_settings(authority, administrator):
    """Settings of a server that wants certificates of the authority."""
    certificate, key = authority.sign("server")
    return {"tls.certificate": certificate, "tls.key": key,
            "tls.client_ca": authority.certificate,
            "callers.first_administrator": administrator}


def credentials(authority, certificate=None, key=None):
    """TLS credentials of a client, with a certificate of its own or without."""
    def read(path):
        with open(path, "rb") as file:
            return file.read()
    return grpc.ssl_channel_credentials(
        read(authority.certificate), read(key) if key else None,
        read(certificate) if certificate else None)


def create_caller(client, name, *args, **kwargs):
    """Makes a caller; its id."""
    return client.command("create_caller", name=name,
                          **rights(client.protos, *args, **kwargs)).caller_id


class House:
    """A server that asks for certificates, with an administrator, and clients by name."""

    def __init__(self, server, authority):
        self.server = server
        self.authority = authority
        self.chief = self.client("chief")
        wait_until(lambda: self.chief.health() == "SERVING", f"the server\n{server.log()}")
        self.ids = {"chief": create_caller(self.chief, "chief", ["administrator"])}

    def client(self, name, channel="TEST"):
        """A client with a new certificate of this name."""
        own = credentials(self.authority, *self.authority.sign(name))
        return Client(self.server.protos, self.server.target, channel, own)

    def let_in(self, name, *args, **kwargs):
        """Makes a caller and gives a client of his."""
        self.ids[name] = create_caller(self.chief, name, *args, **kwargs)
        return self.client(name)

    def update(self, name, status, *args, **kwargs):
        """Says anew what a caller may."""
        self.chief.command("update_caller", caller_id=self.ids[name],
                           status=f"CALLER_STATUS_{status}",
                           **rights(self.chief.protos, *args, **kwargs))
