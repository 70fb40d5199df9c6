"""masks.py: what an answer shows of a name or an account number, written from proto/README.md.

SPDX-License-Identifier: Apache-2.0
"""


def mask_name(name):
    """The last character, of two or more."""
    return "*" * (len(name) - 1) + name[-1:] if len(name) > 1 else "*" * len(name)


def mask_number(number):
    """Six signs are hidden at least; what is more shows the last four, then the first six."""
    signs = [at for at, character in enumerate(number) if character not in " -./"]
    shown = max(0, len(signs) - 6)
    last = min(4, shown)
    first = min(6, shown - last)
    hidden = set(signs[first:len(signs) - last])
    return "".join("*" if at in hidden else character for at, character in enumerate(number))


def masked(request):
    """A copy of the request with its parties masked, also of a proposed one."""
    copy = type(request)()
    copy.CopyFrom(request)
    inside = getattr(copy, "command", None)
    if inside is not None and inside.WhichOneof("command"):
        part = getattr(inside, inside.WhichOneof("command"))
        part.CopyFrom(masked(part))
    for field in ("payer", "destination", "own_account"):
        if field in copy.DESCRIPTOR.fields_by_name and copy.HasField(field):
            party = getattr(copy, field)
            party.name = mask_name(party.name)
            party.account_number = mask_number(party.account_number)
    for field, mask in (("platform_name", mask_name), ("escrow_account_number", mask_number)):
        if field in copy.DESCRIPTOR.fields_by_name:
            setattr(copy, field, mask(getattr(copy, field)))
    return copy
