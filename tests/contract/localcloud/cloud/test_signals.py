"""Signals that end a command of ours."""

from __future__ import annotations

import signal

import pytest

from localcloud.cli.signals import ENDING, Ended, ending

pytestmark = pytest.mark.contract


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_the_first_signal_ends_and_a_second_does_not_cut_the_stopping_short(number: signal.Signals) -> None:
    before = [signal.getsignal(each) for each in ENDING]
    stopped = []

    def work() -> None:
        with ending():
            try:
                signal.raise_signal(number)
            finally:
                for each in ENDING:
                    signal.raise_signal(each)
                stopped.append(number)

    with pytest.raises(Ended) as ended:
        work()

    assert stopped == [number]
    assert ended.value.status == 128 + number
    assert [signal.getsignal(each) for each in ENDING] == before


def test_a_hang_up_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
