"""Periodic jobs end in good order when a neighbour is away, and only then."""

from __future__ import annotations

import pytest
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy.exc import OperationalError

from jobs.excused import excused
from voiceline.errors import TemporaryFailure

NEIGHBOURS = (TemporaryFailure("away"), RedisAway(), OperationalError("select", {}, Exception()))


@pytest.mark.parametrize("failure", NEIGHBOURS, ids=lambda failure: type(failure).__name__)
def test_neighbour_that_is_away_fails_no_job(failure):
    @excused("expire")
    def job():
        raise failure

    assert job() is None


def test_mistake_of_ours_is_not_hidden():
    @excused("expire")
    def job():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        job()


def test_excused_job_keeps_its_name():
    @excused("expire")
    def expire():
        """Say what it does."""

    assert (expire.__name__, expire.__doc__) == ("expire", "Say what it does.")
