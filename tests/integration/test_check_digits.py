"""Check digits against an implementation that is not ours: python-stdnum's ISO 7064 and Luhn, over
random numbers, right and wrong. Of whole numbers it refuses valid ones, so it is asked for the
digit only.

SPDX-License-Identifier: Apache-2.0
"""
import ctypes
import pathlib
import random
import subprocess

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

CORE = pathlib.Path(__file__).resolve().parents[2] / "core"
SOURCES = ["model/document.c", "base/fold.c", "base/utf8.c", "base/check.c", "base/log.c"]
NUMBERS = 100_000


class Text(ctypes.Structure):
    """struct text of base/text.h."""

    _fields_ = [("bytes", ctypes.c_char_p), ("length", ctypes.c_uint32)]


def text_of(digits):
    """The text of these digits."""
    return Text(digits.encode(), len(digits))


def test_check_digits_are_those_of_another_implementation(scratch):
    """Both agree on every digit, and on each number with another digit in its place."""
    library = scratch / "check_digits.so"
    subprocess.run(["cc", "-std=gnu11", "-D_GNU_SOURCE", "-shared", "-fPIC", "-I", CORE, "-o",
                    library, *(CORE / name for name in SOURCES)], check=True)
    ours = ctypes.CDLL(str(library))
    ours.check_digit_mod_11_2.restype = ctypes.c_char
    ours.card_number_is_luhn.restype = ctypes.c_bool
    ours.card_number_is_luhn.argtypes = [Text]
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    for _ in range(NUMBERS):
        citizen = "".join(dice.choices("0123456789", k=17))
        digit = ours.check_digit_mod_11_2(citizen.encode(), 17).decode()
        assert digit == mod_11_2.calc_check_digit(citizen), f"{citizen}, seed {seed}"
        wrong = dice.choice([other for other in "0123456789X" if other != digit])
        assert not mod_11_2.is_valid(citizen + wrong), f"{citizen}{wrong}, seed {seed}"
        card = "".join(dice.choices("0123456789", k=dice.randint(7, 18)))
        right = luhn.calc_check_digit(card)
        for last in (right, dice.choice("0123456789")):
            assert ours.card_number_is_luhn(text_of(card + last)) == (last == right), (
                f"{card}{last}, seed {seed}")
