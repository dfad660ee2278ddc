"""Figure 3: the job that collects a voicemail beside copying its bytes, in processor time.

The whole job runs, in this process and without a fork: claim, fetch, look at the WAV, hash, store,
read back, write the rows and file the request. The floor fetches the same bytes and puts them.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

from benchmarks import seeding
from benchmarks.figures import Figure
from benchmarks.machine import load
from benchmarks.servers import (
    clean_environment,
    embedded_redis,
    free_port,
    serving,
    settings_of,
)
from benchmarks.stub_cloud import AUDIO
from voiceline.database import make_engine

if TYPE_CHECKING:
    from pathlib import Path

    from voiceline.adapters.sealed_store import SealedStore
    from voiceline.bootstrap import Services

ROUNDS, JOBS = 3, 25
SEALING: dict[str, SealedStore] = {}
"""The store that this process was built with."""
WARM_JOBS = 5
STORES = ("s3", "folder")


def measure(folder: Path) -> list[Figure]:
    """Collect voicemails into either store, the floor before and after each time."""
    return [figure for store in STORES for figure in _measure_store(folder / store, store)]


def _measure_store(folder: Path, store: str) -> list[Figure]:
    folder.mkdir()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = clean_environment(
        data_dir=folder,
        twilio_api_base=url,
        transcriber="none",
        log_level="WARNING",
        store=store,
        **(S3 | {"s3_endpoint_url": url} if store == "s3" else {}),
    )
    settings = settings_of(environment)
    count = WARM_JOBS + 2 * ROUNDS * JOBS
    engine = make_engine(settings.database)
    seeding.owe_voicemails(engine, seeding.open_accounts(engine), count)
    engine.dispose()
    with ExitStack() as stack:
        stack.enter_context(embedded_redis(settings, folder))
        cloud = ["benchmarks.stub_cloud", str(port)]
        stack.enter_context(serving("stub", cloud, clean_environment(), url, folder))
        spawn = multiprocessing.get_context("spawn")
        pool = stack.enter_context(ProcessPoolExecutor(1, mp_context=spawn))
        pool.submit(_collect, environment, 0, WARM_JOBS).result()
        pool.submit(_copy, port, WARM_JOBS).result()
        ratios = [_round(pool, environment, port, number) for number in range(ROUNDS)]
    against = (
        f"GET and PUT of the same {len(AUDIO):,} bytes, {ROUNDS} x {JOBS} voicemails, SQLite;"
        f" load {load():.1f}"
    )
    job, moving, sealing = (statistics.median(column) for column in zip(*ratios, strict=True))
    beside = f"the same job into the same store as it is, in turns; load {load():.1f}"
    return [
        Figure(f"collect pipeline, {store}: CPU", job, "x copying", against, at_most=5, remark=WHY),
        Figure(f"moving the audio alone, {store}: CPU", moving, "x copying", against),
        Figure(
            f"sealing in collect, {store}: CPU",
            sealing,
            "of plain",
            beside,
            at_most=0.15,
            remark=KEY_WHY,
        ),
    ]


WHY = (
    "filing is most of the job: some twenty statements through the ORM, in four transactions,"
    " for the claim, six rows and the outbox; only the row below is about the bytes"
)
KEY_WHY = "the wrapped key is an object of its own: a put and a read back through boto3, 2 ms each"
S3 = {
    "s3_bucket": "bench",
    "s3_access_key_id": "bench",
    "s3_secret_access_key": "bench-secret",
    "s3_addressing": "path",
}


def _round(
    pool: ProcessPoolExecutor, environment: dict[str, str], port: int, number: int
) -> tuple[float, float, float]:
    """Answer the whole job and the moving alone, in units of the floor, and what sealing adds."""
    before = pool.submit(_copy, port, JOBS).result()
    first = WARM_JOBS + 2 * number * JOBS
    job, plain = _in_turns(pool, environment, first)
    moving = pool.submit(_move, number, JOBS).result()
    after = pool.submit(_copy, port, JOBS).result()
    floor = (before + after) / 2
    print(
        f"CPU each: collect {job * 1e3:.1f} ms, of it moving {moving * 1e3:.1f} ms,"
        f" copy {floor * 1e3:.2f} ms; unsealed, collect takes {plain * 1e3:.1f} ms"
    )
    return job / floor, moving / floor, job / plain - 1


def _in_turns(
    pool: ProcessPoolExecutor, environment: dict[str, str], first: int
) -> tuple[float, float]:
    """Collect one voicemail sealed and the next one plain; answer the CPU of one of either."""
    spent = {False: 0.0, True: 0.0}
    for number in range(2 * JOBS):
        plain = bool(number % 2) ^ bool(number // 2 % 2)
        work = pool.submit(_collect, environment, first + number, 1, plain=plain)
        spent[plain] += work.result()
    return spent[False] / JOBS, spent[True] / JOBS


def _collect(environment: dict[str, str], first: int, count: int, *, plain: bool = False) -> float:
    """Run the jobs, and answer the seconds of CPU each took; raises where one was not stored."""
    os.environ.update(environment)
    from jobs.collect import collect  # noqa: PLC0415 - reads the settings of the environment
    from jobs.process import services  # noqa: PLC0415

    ids = seeding.voicemail_ids(first, count)
    _seal_or_not(services(), plain=plain)
    began = time.process_time()
    for voicemail_id in ids:
        collect(str(voicemail_id))
    spent = time.process_time() - began
    stored = seeding.count_stored(services().engine, ids)
    if stored != count:
        raise RuntimeError(f"{count} jobs stored {stored} voicemails")
    return spent / count


def _seal_or_not(built: Services, *, plain: bool) -> None:
    """Let the process put audio as it is, or sealed: what it was built for."""
    sealing = SEALING.setdefault("store", built.store)
    object.__setattr__(built, "store", sealing._inner if plain else sealing)  # noqa: SLF001


def _move(number: int, count: int) -> float:
    """Fetch, check, hash, store and read back without a row; answer the CPU seconds of each."""
    from jobs.process import services  # noqa: PLC0415 - reads the settings of the environment

    built = services()
    began = time.process_time()
    for each in range(count):
        audio = built.recordings.fetch(f"RE{each:032x}")
        key = f"bench/{number}/{each}.wav"
        built.store.put(key, audio, content_type="audio/x-wav", tags={"tier": "trial"})
    return (time.process_time() - began) / count


def _copy(port: int, count: int) -> float:
    """Get the bytes and put them, and answer the seconds of CPU each copy took."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    _copy_one(connection)
    began = time.process_time()
    for _ in range(count):
        _copy_one(connection)
    spent = time.process_time() - began
    connection.close()
    return spent / count


def _copy_one(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/recording")
    audio = connection.getresponse().read()
    connection.request("PUT", "/object", audio)
    answer = connection.getresponse()
    answer.read()
    if len(audio) != len(AUDIO) or answer.status != 200:
        raise RuntimeError("the copy is not whole")
