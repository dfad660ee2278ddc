"""The tables, one noun a module; importing this package knows them all."""

from voiceline.models.appeal import Appeal
from voiceline.models.archive import ArchiveCopy, ArchiveDestination, ArchiveState
from voiceline.models.audit import ActorKind, AuditChain, AuditEntry, AuditHead, AuditName
from voiceline.models.base import Base
from voiceline.models.bulk import BulkAction, BulkItem, BulkKind, BulkOutcome
from voiceline.models.business import Business, ServiceCode
from voiceline.models.call import BlockedCaller, Call
from voiceline.models.canary import CanaryCall
from voiceline.models.certificate import ErasureCertificate
from voiceline.models.delivery import TO_PEOPLE, TO_STAFF, Delivery, DeliveryKind
from voiceline.models.derived_audio import DerivedAudio
from voiceline.models.download import Download
from voiceline.models.erasure import Erasure
from voiceline.models.factor import CodeApp, Passkey, RecoveryCode
from voiceline.models.grant import AccessGrant, GrantState
from voiceline.models.greeting import Greeting, GreetingAudio, GreetingForm
from voiceline.models.hold import LegalHold
from voiceline.models.identity import Identity, IdentityProvider, VerifiedDomain
from voiceline.models.identity_check import IdentityCheck
from voiceline.models.joining import AccountLink, Invitation, LinkPurpose, SignUp
from voiceline.models.letter import Letter
from voiceline.models.note import ComplianceNote, NoteAttachment, NoteVersion
from voiceline.models.notice import CalendarAddress, NoticeChoice, RaisedDeadline
from voiceline.models.number_look import NumberLook
from voiceline.models.pending import PendingKind, PendingSignIn
from voiceline.models.people import LoginSession, Membership, Role, SignInWay, User
from voiceline.models.policy import PolicyVersion
from voiceline.models.reading import InboxChoice, RequestRead
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
from voiceline.models.saved_view import SavedView
from voiceline.models.schedule import Allowance, ClockMark, PeriodicRun
from voiceline.models.search_document import SearchDocument
from voiceline.models.stray import StoreWalk, Stray
from voiceline.models.tombstone import Grave, Tombstone
from voiceline.models.transcript import Transcript
from voiceline.models.voicemail import Voicemail
from voiceline.models.web_form import AllowedSite, ConfirmationLink, Suspicion, WebSubmission

__all__ = [
    "TO_PEOPLE",
    "TO_STAFF",
    "AccessGrant",
    "AccountLink",
    "ActorKind",
    "Allowance",
    "AllowedSite",
    "Appeal",
    "ArchiveCopy",
    "ArchiveDestination",
    "ArchiveState",
    "AuditChain",
    "AuditEntry",
    "AuditHead",
    "AuditName",
    "Base",
    "BlockedCaller",
    "BulkAction",
    "BulkItem",
    "BulkKind",
    "BulkOutcome",
    "Business",
    "CalendarAddress",
    "Call",
    "CanaryCall",
    "Channel",
    "ClockMark",
    "CodeApp",
    "ComplianceNote",
    "ConfirmationLink",
    "Delivery",
    "DeliveryKind",
    "DerivedAudio",
    "Download",
    "Erasure",
    "ErasureCertificate",
    "EventKind",
    "GrantState",
    "Grave",
    "Greeting",
    "GreetingAudio",
    "GreetingForm",
    "Identity",
    "IdentityCheck",
    "IdentityProvider",
    "InboxChoice",
    "Invitation",
    "LegalHold",
    "Letter",
    "LinkPurpose",
    "LoginSession",
    "Membership",
    "NoteAttachment",
    "NoteVersion",
    "NoticeChoice",
    "NumberLook",
    "Passkey",
    "PendingKind",
    "PendingSignIn",
    "PeriodicRun",
    "PolicyVersion",
    "PrivacyRequest",
    "RaisedDeadline",
    "RecoveryCode",
    "RequestEvent",
    "RequestRead",
    "RequestRecord",
    "RequestTally",
    "RequestedRight",
    "Requester",
    "ResidenceSource",
    "Role",
    "SavedView",
    "SearchDocument",
    "ServiceCode",
    "SignInWay",
    "SignUp",
    "StoreWalk",
    "Stray",
    "Suspicion",
    "Tombstone",
    "Transcript",
    "User",
    "VerifiedDomain",
    "Voicemail",
    "WebSubmission",
]
