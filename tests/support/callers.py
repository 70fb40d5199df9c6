"""callers.py: callers of a server that asks for client certificates.

SPDX-License-Identifier: Apache-2.0
"""
import grpc

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
