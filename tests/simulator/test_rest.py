from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from voiceline.simulator import Faults
from voiceline.simulator.audio import read_wav

ACCOUNT = "AC" + "0a" * 16
API = "https://api.twilio.com"


class LoopbackClient(TwilioHttpClient):
    """Twilio's own client, sent to another host."""

    def __init__(self, base_url):
        super().__init__(timeout=20)
        self.base_url = base_url

    def request(self, method, url, *arguments, **more):
        assert url.startswith(API)
        return super().request(method, url.replace(API, self.base_url), *arguments, **more)


@pytest.fixture
def client(base_url):
    made = LoopbackClient(base_url)
    yield Client(ACCOUNT, "token-of-the-tests", http_client=made)
    made.session.close()


@pytest.fixture
def recorded(line, tone):
    """Make so many recordings and answer their calls' records."""
    line.answer("/answer", '<Record action="/done"/>')

    def make(number):
        return [line.call(say=tone(1 + place), end="#") for place in range(number)]

    return make


@pytest.fixture
def get(base_url):
    """Ask for a path of the account with Basic credentials."""

    def ask(path, user=ACCOUNT, password="token-of-the-tests", method="GET"):
        credentials = b64encode(f"{user}:{password}".encode()).decode()
        request = urllib.request.Request(
            f"{base_url}/2010-04-01/Accounts/{ACCOUNT}{path}",
            headers={"Authorization": f"Basic {credentials}"},
            method=method,
        )
        return urllib.request.urlopen(request, timeout=20)

    return ask


@pytest.fixture
def refusal(get):
    """Ask for a path and answer the status and headers of the refusal."""

    def ask(path, **more):
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(path, **more)
        with refused.value as answer:
            return answer.code, answer.headers, answer.read()

    return ask


def test_twilios_client_reads_a_recording(client, recorded):
    (record,) = recorded(1)

    fetched = client.recordings(record.recordings[0]).fetch()

    assert (fetched.call_sid, fetched.status, fetched.duration) == (
        record.call_id,
        "completed",
        "1",
    )
    assert (fetched.channels, fetched.source, fetched.error_code) == (1, "RecordVerb", None)
    assert abs(fetched.date_created - datetime.now(UTC)) < timedelta(minutes=5)
    assert fetched.media_url == f"{API}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{fetched.sid}"


def test_twilios_client_pages_through_recordings(client, recorded):
    records = recorded(7)

    listed = list(client.recordings.stream(page_size=3))

    assert [one.sid for one in listed] == [record.recordings[0] for record in reversed(records)]


def test_pages_stay_whole_while_recordings_go(client, recorded):
    records = recorded(6)
    wanted = [record.recordings[0] for record in reversed(records)]

    page = client.recordings.page(page_size=2)
    first = [one.sid for one in page]
    client.recordings(first[0]).delete()
    second = [one.sid for one in page.next_page()]

    assert first + second == wanted[:4]


def test_twilios_client_filters_by_date_and_call(client, recorded):
    records = recorded(2)
    hour = timedelta(hours=1)
    now = datetime.now(UTC)

    since = client.recordings.list(date_created_after=now - hour)
    later = client.recordings.list(date_created_after=now + hour)
    before = client.recordings.list(date_created_before=now - hour)
    of_one = client.recordings.list(call_sid=records[0].call_id)

    assert (len(since), later, before) == (2, [], [])
    assert [one.sid for one in of_one] == list(records[0].recordings)


def test_twilios_client_deletes_once(client, recorded, line):
    (record,) = recorded(1)
    (sid,) = record.recordings

    deleted = client.recordings(sid).delete()

    assert deleted
    with pytest.raises(TwilioRestException) as gone:
        client.recordings(sid).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)
    assert client.recordings.list() == []
    assert client.recordings.list(include_soft_deleted=True)[0].status == "deleted"
    assert line.carrier.store.media(sid) is None


def test_twilios_client_reads_calls(client, recorded):
    (record,) = recorded(1)

    fetched = client.calls(record.call_id).fetch()
    listed = client.calls.list(to="+18005550199", start_time_after=datetime(2020, 1, 1, tzinfo=UTC))

    assert (fetched.to, fetched._from, fetched.status) == (
        "+18005550199",
        "+14155550123",
        "completed",
    )
    assert (fetched.direction, int(fetched.duration)) == ("inbound", 2)
    assert [one.sid for one in listed] == [record.call_id]


def test_twilios_client_changes_a_number(client, line):
    (number,) = client.incoming_phone_numbers.list(phone_number="+18005550199")

    number.update(
        voice_url=f"{line.url}/new",
        voice_fallback_url=f"{line.url}/fallback",
        status_callback=f"{line.url}/over",
        voice_method="POST",
    )

    fetched = client.incoming_phone_numbers(number.sid).fetch()
    assert (fetched.voice_url, fetched.status_callback) == (f"{line.url}/new", f"{line.url}/over")
    line.call()
    assert line.received[0].path == "/new"


def test_unknown_resources_are_not_found(client):
    for resource in (
        client.recordings("RE" + "0" * 32),
        client.calls("CA" + "0" * 32),
        client.incoming_phone_numbers("PN" + "0" * 32),
    ):
        with pytest.raises(TwilioRestException) as missing:
            resource.fetch()

        assert (missing.value.status, missing.value.code) == (404, 20404)


@pytest.mark.parametrize("extension", ["", ".wav"])
def test_media_is_the_wav_file(get, recorded, line, extension):
    (record,) = recorded(1)

    with get(f"/Recordings/{record.recordings[0]}{extension}") as answer:
        data = answer.read()

    assert answer.headers["Content-Type"] == "audio/x-wav"
    assert data == line.carrier.store.media(record.recordings[0])
    assert len(read_wav(data)) == 8000


def test_media_answers_head(get, recorded):
    (record,) = recorded(1)

    with get(f"/Recordings/{record.recordings[0]}", method="HEAD") as answer:
        assert (answer.headers["Content-Length"], answer.read()) == (str(44 + 16000), b"")


def test_the_api_key_opens_media_too(get, recorded):
    (record,) = recorded(1)
    path = f"/Recordings/{record.recordings[0]}"

    with get(path, user="SK" + "1" * 32, password="the-secret-of-the-key") as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("user", "password"), [(ACCOUNT, "wrong"), ("", ""), ("SK" + "1" * 32, "token-of-the-tests")]
)
def test_wrong_credentials_are_refused(refusal, recorded, user, password):
    (record,) = recorded(1)

    status, headers, body = refusal(
        f"/Recordings/{record.recordings[0]}", user=user, password=password
    )

    assert (status, headers["WWW-Authenticate"]) == (401, 'Basic realm="Twilio API"')
    assert b"20003" in body


@pytest.mark.parametrize(
    ("suffix", "status"),
    [(".mp3", 406), ("?RequestedChannels=2", 400), ("?RequestedChannels=1", 200)],
)
def test_other_forms_of_media(get, refusal, recorded, suffix, status):
    (record,) = recorded(1)
    path = f"/Recordings/{record.recordings[0]}{suffix}"

    if status == 200:
        with get(path) as answer:
            came = answer.status
    else:
        came, _, _ = refusal(path)

    assert came == status


@pytest.mark.parametrize("query", ["PageSize=x", "PageSize=0", "PageToken=PAnothing", "Page=-1"])
def test_bad_queries_are_explained(refusal, query):
    status, _, body = refusal(f"/Recordings.json?{query}")

    assert status == 400
    assert b"Page" in body


def test_bad_dates_are_explained(refusal, recorded):
    recorded(1)

    status, _, _ = refusal("/Recordings.json?DateCreated=yesterday")

    assert status == 400


def test_a_recording_under_way_cannot_be_had(refusal, line):
    during = []

    def watch(event):
        if event.kind == "recording":
            sid = event.detail["recording"]
            during.append(refusal(f"/Recordings/{sid}")[0])
            during.append(refusal(f"/Recordings/{sid}.json", method="DELETE")[0])

    line.answer("/answer", "<Record/>")
    line.call(on_event=watch, hang_up_at="beep")

    assert during == [404, 400]


FAULTS = {
    "throttled": (Faults(throttled=1, retry_after=7), 429),
    "broken": (Faults(broken=1), 500),
    "unauthorized": (Faults(unauthorized=1), 401),
    "missing": (Faults(media_missing_requests=1), 404),
}


@pytest.mark.parametrize("which", FAULTS)
def test_faults_strike_and_pass(get, refusal, recorded, line, which):
    faults, expected = FAULTS[which]
    (record,) = recorded(1)
    line.carrier.set_faults(faults)
    path = f"/Recordings/{record.recordings[0]}"

    status, headers, _ = refusal(path)

    assert status == expected
    assert headers.get("Retry-After") == ("7" if which == "throttled" else None)
    with get(path) as answer:
        assert answer.status == 200


def test_truncated_media_is_shorter_than_promised(get, recorded, line):
    (record,) = recorded(1)
    line.carrier.set_faults(Faults(media_truncated=1))

    with (
        get(f"/Recordings/{record.recordings[0]}") as answer,
        pytest.raises(http.client.IncompleteRead),
    ):
        answer.read()


def test_media_can_be_a_web_page(get, recorded, line):
    (record,) = recorded(1)
    line.carrier.set_faults(Faults(media_html=1))

    with get(f"/Recordings/{record.recordings[0]}") as answer:
        assert (answer.status, answer.headers.get_content_type()) == (200, "text/html")


def test_deletes_fail_as_often_as_told(client, recorded, line):
    (record,) = recorded(1)
    line.carrier.set_faults(Faults(deletes_failing=1))
    recording = client.recordings(record.recordings[0])

    with pytest.raises(TwilioRestException) as failed:
        recording.delete()

    assert failed.value.status == 500
    assert recording.delete()


def test_another_account_is_not_found(base_url):
    url = f"{base_url}/2010-04-01/Accounts/AC{'b' * 32}/Recordings.json"
    credentials = b64encode(f"{ACCOUNT}:token-of-the-tests".encode()).decode()
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {credentials}"})

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)

    with refused.value as answer:
        assert answer.code == 404
