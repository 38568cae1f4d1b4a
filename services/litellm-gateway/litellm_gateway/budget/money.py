"""Amounts as whole picodollars (10^-12 US dollars), so that sums are exact in Python and in databases."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Final

PICO: Final = 12
_DOLLAR: Final = 10**PICO
LARGEST: Final = Decimal(9000)
"""US dollars. Whole numbers stay exact up to 2^53 wherever a ledger counts in doubles; that is 9,007 dollars."""

AMOUNT: Final = f"an amount above 0 and up to {LARGEST}, such as 10.00"
"""What a budget has to be."""


def is_amount(value: object) -> bool:
    """Whether a value of a configuration can be a budget in US dollars."""
    try:
        return 0 < Decimal(str(value)) <= LARGEST
    except InvalidOperation:
        return False


def picodollars(usd: Decimal) -> int:
    """The nearest whole number of picodollars.

    A token costs a whole number of them, so a cost that was added up in floats, as LiteLLM does with tiers, caches,
    images and searches, comes out exact: below `LARGEST` it is off by far less than half of one.
    """
    return int(usd.scaleb(PICO).to_integral_value(ROUND_HALF_EVEN))


def at_least(usd: Decimal) -> int:
    """The smallest whole number of picodollars that is not less."""
    return int(usd.scaleb(PICO).to_integral_value(ROUND_CEILING))


def usd(picodollars: int) -> Decimal:
    """The amount in US dollars, exact."""
    return Decimal(picodollars).scaleb(-PICO)


def text(picodollars: int) -> str:
    """The amount in US dollars, exact, with two digits behind the point at least."""
    whole, rest = divmod(abs(picodollars), _DOLLAR)
    digits = f"{rest:0{PICO}}".rstrip("0")
    return f"{'-' * (picodollars < 0)}{whole}.{digits:0<2}"


def price(value: object) -> Decimal:
    """A price of LiteLLM's map, a float, as the decimal that was meant."""
    return Decimal(str(value))
