"""One contract, both mailers; then what SMTP alone can answer."""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from servers.smtp import PASSWORD, USERNAME, mail_server, self_signed

from voiceline.adapters import smtp_mailer
from voiceline.adapters.folder_mailer import FolderMailer
from voiceline.adapters.smtp_mailer import SmtpMailer
from voiceline.errors import PermanentFailure, SettingsError, TemporaryFailure

needs_a_mail_server = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="needs the openssl program"
)


@pytest.mark.parametrize(
    "outlet", ["folder", pytest.param("smtp", marks=needs_a_mail_server)], indirect=True
)
class TestEveryMailer:
    def test_a_message_arrives_as_it_was_written(self, outlet):
        mailer, arrived = outlet

        mailer.send(_message())

        (message,) = arrived()
        assert message["Subject"] == "Solicitud recibida: ¿qué sigue?"
        assert message["Message-ID"] == "<request-1.notice@voiceline.example>"
        assert message.get_body(("plain",)).get_content().strip() == "Ñandú"
        assert message.get_body(("html",)).get_content().strip() == "<p>Ñandú</p>"

    def test_two_messages_arrive_as_two(self, outlet):
        mailer, arrived = outlet

        mailer.send(_message("<a@voiceline.example>"))
        mailer.send(_message("<a.@voiceline.example>"))

        assert len(arrived()) == 2

    def test_a_message_without_an_id_is_refused(self, outlet):
        mailer, arrived = outlet
        message = _message()
        del message["Message-ID"]

        with pytest.raises(PermanentFailure, match="Message-ID"):
            mailer.send(message)

        assert arrived() == []


def test_sending_twice_makes_one_file(tmp_path):
    mailer = FolderMailer(tmp_path)

    mailer.send(_message())
    mailer.send(_message())

    assert len(list(tmp_path.iterdir())) == 1


def test_a_message_id_does_not_lead_out_of_the_folder(tmp_path):
    mailer = FolderMailer(tmp_path / "mail")

    mailer.send(_message("<../../../escaped@voiceline.example>"))

    assert [path.parent.name for path in tmp_path.rglob("*.eml")] == ["mail"]


def test_a_missing_mail_folder_is_temporary(tmp_path):
    mailer = FolderMailer(tmp_path / "mail")
    (tmp_path / "mail").rmdir()

    with pytest.raises(TemporaryFailure):
        mailer.send(_message())


@needs_a_mail_server
class TestSmtpAnswers:
    @pytest.mark.parametrize("step", ["DATA", "anna@example.com"])
    @pytest.mark.parametrize(
        ("answer", "failure"),
        [("451 later", TemporaryFailure), ("550 never", PermanentFailure)],
    )
    def test_a_refusal_is_for_now_or_for_good(self, plain_server, step, answer, failure):
        plain_server.answers[step] = answer

        with pytest.raises(failure, match=answer[:3]) as refusal:
            SmtpMailer("127.0.0.1", plain_server.port, starttls=False).send(_message())

        assert "anna" not in str(refusal.value)
        assert plain_server.received == []

    @pytest.mark.parametrize(
        ("step", "answer"),
        [
            ("anna@example.com", "554 5.7.1 anna@example.com: Relay access denied"),
            ("anna@example.com", "530 5.7.0 Authentication required"),
            ("anna@example.com", "550 relay not permitted"),
            ("DATA", "554 Message rejected: Email address is not verified"),
        ],
    )
    def test_a_refusal_of_us_can_be_put_right(self, plain_server, step, answer):
        plain_server.answers[step] = answer

        with pytest.raises(TemporaryFailure, match="VOICELINE_SMTP_USERNAME") as refusal:
            SmtpMailer("127.0.0.1", plain_server.port, starttls=False).send(_message())

        assert "anna" not in str(refusal.value)
        assert plain_server.received == []

    def test_one_recipient_that_may_change_is_waited_for(self, plain_server):
        plain_server.answers["anna@example.com"] = "550 5.1.1 No such user"
        plain_server.answers["bert@example.com"] = "451 later"
        message = _message()
        message["Cc"] = "bert@example.com"

        with pytest.raises(TemporaryFailure, match="451"):
            SmtpMailer("127.0.0.1", plain_server.port, starttls=False).send(message)

    @pytest.mark.parametrize("answer", ["451 later", "550 never"])
    def test_a_refused_sender_can_be_put_right(self, plain_server, answer):
        plain_server.answers["MAIL"] = answer

        with pytest.raises(TemporaryFailure, match=f"{answer[:3]}.*VOICELINE_MAIL_FROM"):
            SmtpMailer("127.0.0.1", plain_server.port, starttls=False).send(_message())

        assert plain_server.received == []

    def test_a_server_that_admits_nobody_may_later(self, unwilling_server):
        with pytest.raises(TemporaryFailure, match="554"):
            SmtpMailer("127.0.0.1", unwilling_server, starttls=False).send(_message())

    def test_one_refused_recipient_of_two_is_told(self, plain_server):
        plain_server.answers["bert@example.com"] = "451 later"
        message = _message()
        message["Cc"] = "bert@example.com"

        with pytest.raises(PermanentFailure, match="not every recipient"):
            SmtpMailer("127.0.0.1", plain_server.port, starttls=False).send(message)

        assert len(plain_server.received) == 1

    def test_a_rude_goodbye_does_not_send_again(self, plain_server):
        plain_server.answers["QUIT"] = "500 what?"

        SmtpMailer("127.0.0.1", plain_server.port, starttls=False).send(_message())

        assert len(plain_server.received) == 1

    def test_a_slow_talk_is_given_up_as_a_whole(self, plain_server, monkeypatch):
        monkeypatch.setattr(smtp_mailer, "TALK_SECONDS", 0.4)
        plain_server.seconds = 2

        with pytest.raises(TemporaryFailure, match="reached"):
            SmtpMailer("127.0.0.1", plain_server.port, starttls=False).send(_message())

        assert plain_server.received == []

    def test_a_wrong_password_names_the_setting(self, tls_server, certificate):
        mailer = _secure(tls_server, certificate, password="wrong")

        with pytest.raises(TemporaryFailure, match="VOICELINE_SMTP_USERNAME"):
            mailer.send(_message())

    def test_a_missing_password_can_be_put_right(self, tls_server, certificate):
        mailer = _secure(tls_server, certificate, username="", password="")

        with pytest.raises(TemporaryFailure, match="530"):
            mailer.send(_message())

    def test_an_unknown_certificate_is_not_trusted(self, tls_server):
        mailer = _secure(tls_server, None)

        with pytest.raises(TemporaryFailure, match="certificate"):
            mailer.send(_message())

        assert tls_server.received == []

    def test_a_server_without_starttls_gets_no_mail(self, plain_server):
        with pytest.raises(TemporaryFailure, match="STARTTLS"):
            SmtpMailer("127.0.0.1", plain_server.port).send(_message())

        assert plain_server.received == []

    def test_a_server_that_is_down_is_temporary(self):
        with mail_server() as gone:
            port = gone.port

        with pytest.raises(TemporaryFailure, match="reached"):
            SmtpMailer("127.0.0.1", port, starttls=False).send(_message())


def test_a_password_is_not_sent_in_the_clear():
    with pytest.raises(SettingsError, match="STARTTLS"):
        SmtpMailer("127.0.0.1", 25, username="u", password="p", starttls=False)


def test_an_unreadable_ca_file_refuses_to_start(tmp_path):
    with pytest.raises(SettingsError, match="CA file"):
        SmtpMailer("127.0.0.1", 587, ca_file=str(tmp_path / "absent.pem"))


def _message(identifier="<request-1.notice@voiceline.example>"):
    message = EmailMessage()
    message["From"] = "no-reply@voiceline.example"
    message["To"] = "anna@example.com"
    message["Subject"] = "Solicitud recibida: ¿qué sigue?"
    message["Message-ID"] = identifier
    message.set_content("Ñandú\n")
    message.add_alternative("<p>Ñandú</p>\n", subtype="html")
    return message


def _secure(server, certificate, username=USERNAME, password=PASSWORD):
    ca_file = str(certificate[0]) if certificate else ""
    return SmtpMailer(
        server.host, server.port, username=username, password=password, ca_file=ca_file
    )


@pytest.fixture
def outlet(request, tmp_path):
    if request.param == "folder":
        return FolderMailer(tmp_path), lambda: [
            message_from_bytes(path.read_bytes(), policy=policy.default)
            for path in tmp_path.glob("*.eml")
        ]
    server = request.getfixturevalue("tls_server")
    return _secure(server, request.getfixturevalue("certificate")), lambda: server.received


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def tls_server(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with mail_server(context) as server:
        yield server


@pytest.fixture
def plain_server():
    with mail_server() as server:
        yield server


@pytest.fixture
def unwilling_server():
    """The port of a server that turns one visitor away at its door."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def turn_away():
            visitor, _ = listener.accept()
            with visitor:
                visitor.sendall(b"554 No SMTP service here\r\n")

        thread = threading.Thread(target=turn_away)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=15)
