"""The tables, one noun a module; importing this package knows them all."""

from voiceline.models.appeal import Appeal
from voiceline.models.audit import ActorKind, AuditChain, AuditEntry, AuditHead, AuditName
from voiceline.models.base import Base
from voiceline.models.business import Business, Greeting, GreetingAudio, ServiceCode
from voiceline.models.call import BlockedCaller, Call
from voiceline.models.delivery import TO_STAFF, Delivery, DeliveryKind
from voiceline.models.identity_check import IdentityCheck
from voiceline.models.letter import Letter
from voiceline.models.note import ComplianceNote, NoteAttachment, NoteVersion
from voiceline.models.notice import CalendarAddress, NoticeChoice, RaisedDeadline
from voiceline.models.people import LoginSession, Membership, Role, User
from voiceline.models.record import RequestRecord, RequestTally
from voiceline.models.request import (
    Channel,
    EventKind,
    PrivacyRequest,
    RequestEvent,
    ResidenceSource,
)
from voiceline.models.requester import Requester
from voiceline.models.right import RequestedRight
from voiceline.models.schedule import Allowance, PeriodicRun
from voiceline.models.transcript import Transcript
from voiceline.models.voicemail import Voicemail
from voiceline.models.web_form import AllowedSite, ConfirmationLink, Suspicion, WebSubmission

__all__ = [
    "TO_STAFF",
    "ActorKind",
    "Allowance",
    "AllowedSite",
    "Appeal",
    "AuditChain",
    "AuditEntry",
    "AuditHead",
    "AuditName",
    "Base",
    "BlockedCaller",
    "Business",
    "CalendarAddress",
    "Call",
    "Channel",
    "ComplianceNote",
    "ConfirmationLink",
    "Delivery",
    "DeliveryKind",
    "EventKind",
    "Greeting",
    "GreetingAudio",
    "IdentityCheck",
    "Letter",
    "LoginSession",
    "Membership",
    "NoteAttachment",
    "NoteVersion",
    "NoticeChoice",
    "PeriodicRun",
    "PrivacyRequest",
    "RaisedDeadline",
    "RequestEvent",
    "RequestRecord",
    "RequestTally",
    "RequestedRight",
    "Requester",
    "ResidenceSource",
    "Role",
    "ServiceCode",
    "Suspicion",
    "Transcript",
    "User",
    "Voicemail",
    "WebSubmission",
]
