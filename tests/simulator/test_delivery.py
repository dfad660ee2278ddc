from __future__ import annotations

import socket
import threading
import time

import pytest
from flask import redirect

from voiceline.simulator import DeliveryError
from voiceline.simulator.delivery import Order, deliver
from voiceline.simulator.signature import Signer

PARAMS = {"CallSid": "CA1", "Digits": "1 2+3"}


def test_a_failed_attempt_is_repeated_as_the_url_asks(line, signer):
    line.answers["/flaky"] = lambda visit: ("no", 503) if visit < 3 else "<Response/>"
    attempts = []

    answer = deliver(
        Order("POST", f"{line.url}/flaky#rc=2&rp=5xx", PARAMS), signer, on_attempt=attempts.append
    )

    assert [attempt.status for attempt in attempts] == [503, 503, 200]
    assert (answer.status, answer.url) == (200, f"{line.url}/flaky")


def test_attempts_share_everything_but_their_token(line, signer):
    line.answers["/flaky"] = lambda visit: ("no", 503) if visit < 2 else "<Response/>"

    deliver(Order("POST", f"{line.url}/flaky#rc=1&rp=all", PARAMS), signer)

    first, second = line.received
    tokens = {one.headers["I-Twilio-Idempotency-Token"] for one in line.received}
    assert len(tokens) == 2
    assert (first.params, first.signed) == (second.params, second.signed) == (PARAMS, True)


def test_the_fragment_is_neither_sent_nor_signed(line, signer):
    deliver(Order("POST", f"{line.url}/voice?a=1#rc=2", PARAMS), signer)

    (received,) = line.received
    assert received.url == f"{line.url}/voice?a=1"
    assert received.signed


@pytest.mark.parametrize("policy", ["", "#rc=2", "#rc=2&rp=5xx", "#rc=0&rp=all"])
def test_other_failures_are_not_repeated(line, signer, policy):
    line.answers["/wrong"] = ("no", 404)

    with pytest.raises(DeliveryError) as failed:
        deliver(Order("POST", f"{line.url}/wrong{policy}", PARAMS), signer)

    assert failed.value.code == 11200
    assert len(line.received) == 1


def test_get_puts_the_parameters_into_the_signed_query(line, signer):
    deliver(Order("GET", f"{line.url}/voice?a=%2Fb", PARAMS), signer)

    (received,) = line.received
    assert received.params == {"a": "/b", **PARAMS}
    assert (received.body, received.signed) == (b"", True)


def test_a_slow_answer_ends_with_the_read_timeout(line, signer):
    released = threading.Event()
    line.answers["/slow"] = lambda _: (released.wait(5), "<Response/>")[1]
    attempts = []

    with pytest.raises(DeliveryError) as failed:
        deliver(
            Order("POST", f"{line.url}/slow#rt=100&rc=1&rp=rt"), signer, on_attempt=attempts.append
        )
    released.set()

    assert failed.value.code == 11205
    assert [attempt.number for attempt in attempts] == [1, 2]


def test_the_total_time_covers_all_attempts(line, signer):
    released = threading.Event()
    line.answers["/slow"] = lambda _: (released.wait(5), "<Response/>")[1]
    attempts = []

    with pytest.raises(DeliveryError):
        deliver(
            Order("POST", f"{line.url}/slow#rt=200&tt=300&rc=5&rp=all"),
            signer,
            on_attempt=attempts.append,
        )
    released.set()

    # six without it; a busy machine may have used the time up in the first
    assert len(attempts) <= 2


def test_nobody_listening_is_tried_twice(signer):
    attempts = []

    with pytest.raises(DeliveryError) as failed:
        deliver(Order("POST", "http://127.0.0.1:9/voice"), signer, on_attempt=attempts.append)

    assert failed.value.code == 11205
    assert [attempt.status for attempt in attempts] == [None, None]


def test_redirects_without_end_are_refused(line, signer):
    line.answers["/round"] = lambda _: redirect("/round")

    with pytest.raises(DeliveryError) as failed:
        deliver(Order("POST", f"{line.url}/round"), signer)

    assert failed.value.code == 11215


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"",
    ],
)
def test_a_broken_answer_is_a_protocol_violation(signer, raw_server, answer):
    url = raw_server(answer)

    with pytest.raises(DeliveryError) as failed:
        deliver(Order("POST", url), signer)

    assert failed.value.code == 11206


@pytest.fixture
def signer():
    return Signer("token-of-the-tests")


@pytest.fixture
def raw_server():
    """Answer every connection with fixed bytes, whatever it asks."""
    sockets = []

    def start(answer):
        listening = socket.create_server(("127.0.0.1", 0))
        listening.settimeout(10)
        sockets.append(listening)
        threading.Thread(target=answer_once, args=(listening, answer), daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/"

    yield start
    for listening in sockets:
        listening.close()


def answer_once(listening, answer):
    connection, _ = listening.accept()
    with connection:
        connection.recv(65536)
        time.sleep(0.01)
        connection.sendall(answer)
