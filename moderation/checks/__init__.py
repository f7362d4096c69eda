"""The catalogue of checks: one a file, one line each in `CHECKS`."""

from moderation.checks.article_surge import ArticleSurge
from moderation.checks.base import Check
from moderation.checks.disguised_links import DisguisedLinks
from moderation.checks.disposable_email import DisposableEmail
from moderation.checks.email_near_sanctioned import EmailNearSanctioned
from moderation.checks.expression import Expression
from moderation.checks.external import External
from moderation.checks.first_comment import FirstComment
from moderation.checks.flood import Flood
from moderation.checks.form_time import FormTime
from moderation.checks.hidden_characters import HiddenCharacters
from moderation.checks.honeypot import Honeypot
from moderation.checks.language import Language
from moderation.checks.length import Length
from moderation.checks.link_domains import LinkDomains
from moderation.checks.link_share import LinkShare
from moderation.checks.links import Links
from moderation.checks.mixed_scripts import MixedScripts
from moderation.checks.name_link import NameLink
from moderation.checks.name_words import NameWords
from moderation.checks.near_duplicate import NearDuplicate
from moderation.checks.new_author_links import NewAuthorLinks
from moderation.checks.old_article import OldArticle
from moderation.checks.over_quoting import OverQuoting
from moderation.checks.patterns import Patterns
from moderation.checks.personal_data import PersonalData
from moderation.checks.quotes import Quotes
from moderation.checks.repeated_characters import RepeatedCharacters
from moderation.checks.repeated_text import RepeatedText
from moderation.checks.reputation import Reputation
from moderation.checks.required_email import RequiredEmail
from moderation.checks.required_name import RequiredName
from moderation.checks.sanctioned import Sanctioned
from moderation.checks.shouting import Shouting
from moderation.checks.staff_name import StaffName
from moderation.checks.user_agent import UserAgent
from moderation.checks.words import Words

CHECKS: tuple[type[Check], ...] = (
    RequiredName,
    RequiredEmail,
    DisposableEmail,
    NameLink,
    NameWords,
    StaffName,
    Quotes,
    OverQuoting,
    Links,
    LinkShare,
    LinkDomains,
    DisguisedLinks,
    NewAuthorLinks,
    Language,
    Length,
    RepeatedCharacters,
    Shouting,
    HiddenCharacters,
    MixedScripts,
    PersonalData,
    Words,
    Patterns,
    Expression,
    RepeatedText,
    NearDuplicate,
    Flood,
    ArticleSurge,
    OldArticle,
    External,
    Sanctioned,
    EmailNearSanctioned,
    FirstComment,
    Reputation,
    Honeypot,
    FormTime,
    UserAgent,
)

BY_SLUG: dict[str, type[Check]] = {check.slug: check for check in CHECKS}
