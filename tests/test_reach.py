"""A session of one business sees and writes nothing of another, whatever its statement forgot."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from factories import unknown_id
from source_tree import modules
from sqlalchemy import create_engine, delete, func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError
from staff import make_world

from voiceline.models import Base, Business, PrivacyRequest, ServiceCode, Transcript, Voicemail
from voiceline.models.base import OfBusiness
from voiceline.reach import TELL, OutOfReachError, Reach, across, bind, within

OWNED = sorted(name for name, table in Base.metadata.tables.items() if "business_id" in table.c)
SHARED = {
    *("canary_call", "number_look"),
    *("allowance", "audit_name", "blocked_caller", "business", "greeting_audio", "login_session"),
    *("clock_mark", "periodic_run", "sign_up", "user"),
    *("store_walk", "stray", "policy_version"),
    *("erasure_certificate", "tombstone"),
    *("code_app", "identity", "passkey", "pending_sign_in", "recovery_code"),
}
"""Tables of no one business; `business` has a policy of its own."""

TABLES = sorted((m.class_ for m in Base.registry.mappers), key=lambda table: table.__name__)
"""In one order, so that processes that share the tests agree on them."""

QUERIES = int(os.environ.get("VOICELINE_POOL_QUERIES", "3000"))


@pytest.fixture
def world(services):
    return make_world(services)


@pytest.fixture
def of_acme(services, world):
    with bind(services.sessions(), world.acme.id) as session:
        yield session


class TestConditions:
    def test_every_table_of_a_business_is_marked(self):
        marked = {
            mapper.local_table.name
            for mapper in Base.registry.mappers
            if issubclass(mapper.class_, OfBusiness)
        }

        assert marked == set(OWNED)

    def test_tables_of_nobody_are_these_alone(self):
        assert set(Base.metadata.tables) - set(OWNED) == SHARED

    @pytest.mark.parametrize("table", TABLES)
    def test_a_query_without_a_condition_finds_own_rows_alone(self, of_acme, world, table):
        column = Business.id if table is Business else getattr(table, "business_id", None)
        if column is None:
            assert table.__tablename__ in SHARED
            return

        owners = set(of_acme.scalars(select(column)))

        assert owners <= {world.acme.id}

    def test_another_business_is_not_there_by_its_id(self, of_acme, world):
        assert of_acme.get(PrivacyRequest, world.request.id) is not None
        assert of_acme.get(PrivacyRequest, world.foreign.id) is None
        assert of_acme.get(Business, world.bolt.id) is None

    def test_counts_and_subqueries_leave_others_out(self, of_acme):
        inner = select(Voicemail.id).subquery()

        assert of_acme.scalar(select(func.count()).select_from(inner)) == 1
        assert of_acme.scalar(select(func.count(PrivacyRequest.id))) == 1

    def test_a_change_without_a_condition_changes_own_rows_alone(self, of_acme, services, world):
        of_acme.execute(update(PrivacyRequest).values(language="es"))
        of_acme.commit()

        with services.sessions() as session:
            spoken = dict(session.execute(select(PrivacyRequest.id, PrivacyRequest.language)).all())
        assert spoken == {world.request.id: "es", world.foreign.id: "en"}

    def test_a_deletion_without_a_condition_deletes_own_rows_alone(self, of_acme, services, world):
        of_acme.execute(delete(Transcript))
        of_acme.commit()

        with services.sessions() as session:
            left = select(Transcript.voicemail_id)
            assert set(session.scalars(left)) == {world.foreign_voicemail.id}

    def test_a_row_of_another_is_not_written(self, of_acme, world):
        of_acme.add(ServiceCode(business_id=world.bolt.id, code="6161"))

        with pytest.raises(OutOfReachError, match="ServiceCode"):
            of_acme.flush()

    def test_who_reaches_nowhere_finds_nothing(self, services, world):
        with bind(services.sessions(), Reach.NOWHERE) as session:
            found = [session.scalars(select(table)).all() for table in (Business, PrivacyRequest)]

        assert found == [[], []]

    def test_who_says_nothing_serves_every_business(self, services, world):
        with services.sessions() as session:
            assert len(session.scalars(select(PrivacyRequest)).all()) == 2


class TestTurning:
    def test_across_is_for_its_block(self, of_acme):
        query = select(func.count(PrivacyRequest.id))

        with across(of_acme):
            everywhere = of_acme.scalar(query)

        assert (everywhere, of_acme.scalar(query)) == (2, 1)

    def test_within_is_for_its_block(self, of_acme, world):
        query = select(PrivacyRequest.business_id)

        with within(of_acme, world.bolt.id):
            there = of_acme.scalars(query).all()

        assert (there, of_acme.scalars(query).all()) == ([world.bolt.id], [world.acme.id])

    def test_an_error_turns_back(self, of_acme):
        with pytest.raises(RuntimeError), across(of_acme):
            raise RuntimeError

        assert of_acme.scalar(select(func.count(PrivacyRequest.id))) == 1

    def test_it_outlives_a_commit(self, of_acme):
        of_acme.commit()

        assert of_acme.scalar(select(func.count(PrivacyRequest.id))) == 1

    def test_whoever_serves_all_goes_on_doing_so(self, services, world):
        with services.sessions() as session, within(session, world.bolt.id):
            assert session.scalar(select(func.count(PrivacyRequest.id))) == 2


@pytest.mark.only("postgresql")
class TestRowSecurity:
    """The database's own wall: statements that no condition of ours was added to."""

    def test_every_table_of_a_business_has_its_policy(self, session):
        rows = session.execute(
            text(
                "select relname from pg_class where relkind = 'r' and relrowsecurity "
                "and relforcerowsecurity and relnamespace = 'public'::regnamespace"
            )
        )

        assert {name for (name,) in rows} == {*OWNED, "business"}

    def test_policies_bind_the_role_at_hand(self, session):
        powers = session.execute(
            text("select rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        ).one()

        assert tuple(powers) == (False, False)

    @pytest.mark.parametrize("table", [*OWNED, "business"])
    def test_who_tells_nothing_reads_nothing(self, services, world, table):
        with services.engine.begin() as connection:
            connection.execute(text("set local voiceline.reach = ''"))

            assert connection.scalar(text(f"select count(*) from {table}")) == 0

    @pytest.mark.parametrize("said", ["none", "ALL", "all ", "'", "x" * 36, "-" * 36])
    def test_what_is_no_reach_reaches_nothing(self, services, world, said):
        with services.engine.begin() as connection:
            connection.execute(TELL, {"reach": said})

            assert connection.scalar(text("select count(*) from privacy_request")) == 0

    @pytest.mark.parametrize("table", [*OWNED, "business"])
    def test_one_business_reads_its_own_rows(self, services, world, table):
        column = "id" if table == "business" else "business_id"
        with services.engine.begin() as connection:
            tell(connection, world.acme.id)

            owners = {row[0] for row in connection.execute(text(f"select {column} from {table}"))}

        assert owners <= {world.acme.id}

    def test_a_row_for_another_is_refused(self, services, world):
        with services.engine.begin() as connection:
            tell(connection, world.acme.id)
            with pytest.raises(ProgrammingError, match="row-level security"):
                connection.execute(
                    insert(ServiceCode.__table__).values(
                        id=uuid4(), business_id=world.bolt.id, code="6161"
                    )
                )

    def test_a_row_cannot_be_given_to_another(self, services, world):
        with services.engine.begin() as connection:
            tell(connection, world.acme.id)
            with pytest.raises(ProgrammingError, match="row-level security"):
                connection.execute(update(ServiceCode.__table__).values(business_id=world.bolt.id))

    def test_what_was_told_ends_with_its_transaction(self, services, world):
        with bind(services.sessions(), world.acme.id) as session:
            session.scalar(select(func.count(PrivacyRequest.id)))
            session.commit()
            connection = session.connection()
            connection.rollback()
        with services.engine.connect() as connection:
            told = connection.scalar(text("select current_setting('voiceline.reach', true)"))

        assert told == "all"

    def test_many_at_once_over_few_connections_never_see_each_other(self, services, world):
        # Whoever waits for a connection is served in no order: on a busy machine one waits long.
        few = {"pool_size": 3, "max_overflow": 0, "pool_timeout": 600}
        engine = create_engine(services.engine.url, **few)
        others = (world.acme.id, world.bolt.id, unknown_id())

        def ask(number: int) -> bool:
            mine = others[number % 3]
            with engine.begin() as connection:
                tell(connection, mine)
                owners = connection.scalars(text("select business_id from privacy_request")).all()
            return set(owners) <= {mine}

        with ThreadPoolExecutor(50) as threads:
            answers = list(threads.map(ask, range(QUERIES)))
        engine.dispose()

        assert answers == [True] * QUERIES


def test_the_dashboard_opens_no_session_that_reaches_everywhere_unsaid():
    opened = {
        module.name
        for module in modules("voiceline")
        if module.name.startswith("voiceline.dashboard")
        and "services().sessions" in module.path.read_text(encoding="utf-8")
    }

    assert opened == {
        "voiceline.dashboard.account",
        "voiceline.dashboard.bulk",
        "voiceline.dashboard.confirming",
        "voiceline.dashboard.context",
        "voiceline.dashboard.linking",
        "voiceline.dashboard.downloads",
        "voiceline.dashboard.records",
        "voiceline.dashboard.second_step",
        "voiceline.dashboard.sign_in",
    }


def tell(connection, business_id: UUID) -> None:
    connection.execute(TELL, {"reach": str(business_id)})
