"""masks.py: what an answer shows of a name or an account number, written from proto/README.md.

SPDX-License-Identifier: Apache-2.0
"""
import re
import unicodedata


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


def is_receiving_number(text):
    """Digits with a right last one by ISO 7064 MOD 11,10, in whatever width, blanks and hyphens
    between them or not."""
    digits = "".join(character for character in unicodedata.normalize("NFKC", text)
                     if not character.isspace() and character not in "-‐‑‒–—―−﹣－")
    if not re.fullmatch(r"[0-9]{14,31}", digits):
        return False
    product = 10
    for digit in digits[:-1]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(digits[-1])


def mask_receiving_text(text):
    """A number of ours stays, one that may be another's account number is masked as such, and of
    words nothing is shown."""
    if is_receiving_number(text):
        return text
    if re.fullmatch(r"[0-9 ./-]*", text):
        return mask_number(text)
    return "".join(character if character in "-./ " else "*" for character in text)


def mask_document(number):
    """The first sign and the last one."""
    return number[:1] + "*" * (len(number) - 2) + number[-1:] if len(number) > 2 \
        else "*" * len(number)


def masked(request):
    """A copy of the request with its parties masked, also of a proposed one."""
    copy = type(request)()
    copy.CopyFrom(request)
    inside = getattr(copy, "command", None)
    if inside is not None and inside.WhichOneof("command"):
        part = getattr(inside, inside.WhichOneof("command"))
        part.CopyFrom(masked(part))
    if "receiving_number" in copy.DESCRIPTOR.fields_by_name:
        copy.receiving_number = mask_receiving_text(copy.receiving_number)
    for field in ("payer", "destination", "own_account"):
        if field in copy.DESCRIPTOR.fields_by_name and copy.HasField(field):
            party = getattr(copy, field)
            party.name = mask_name(party.name)
            party.account_number = mask_number(party.account_number)
    for field, mask in (("platform_name", mask_name), ("escrow_account_number", mask_number)):
        if field in copy.DESCRIPTOR.fields_by_name:
            setattr(copy, field, mask(getattr(copy, field)))
    if copy.DESCRIPTOR.name == "BindCardRequest":
        copy.number, copy.holder = mask_number(copy.number), mask_name(copy.holder)
        copy.mobile = f"{copy.mobile[:3]}****{copy.mobile[-4:]}" if copy.mobile else ""
    if "proof" in copy.DESCRIPTOR.fields_by_name and copy.HasField("proof"):
        copy.proof.payee_account_number = mask_number(copy.proof.payee_account_number)
    if copy.DESCRIPTOR.name == "AddDeniedRequest":
        copy.name, copy.document_number = mask_name(copy.name), mask_document(copy.document_number)
        copy.account_number = mask_number(copy.account_number)
    if copy.DESCRIPTOR.name == "IdentifyMemberRequest":
        for who in (getattr(copy, name) for name in ("holder", "legal_representative", "handler")
                    if copy.HasField(name)):
            who.name, who.number = mask_name(who.name), mask_document(who.number)
    return copy
