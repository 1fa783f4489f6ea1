"""The details of errors in the user's language.

A detail is made, logged and stored in English, once for every reader. Where it is shown it is
recognised by its form, and said again in the language of the window.
"""

from __future__ import annotations

from functools import cache
from string import Formatter
from typing import Final

from enhance_gui.core.text.i18n import is_english, localized, mark, tr

DETAILS: Final = (
    # -- addresses and files
    mark("it is empty"),
    mark("it is not a web address"),
    mark("it is neither an address nor the full path of a file"),
    mark("it names a file on another computer"),
    mark("no file can have such a path"),
    mark("a page may not name files of this computer: open the file itself"),
    mark("the name of the file is no valid text: rename it first"),
    mark("“{scheme}:” addresses cannot be fetched by a service, only http and https"),
    mark("the address is empty"),
    mark("the address is longer than {count} characters"),
    mark("the address contains a space or a control character"),
    mark("the address does not begin with http:// or https://"),
    mark("the address carries a user name or a password"),
    mark("the address names port 0"),
    mark("the address names no host"),
    mark("the address names a network card of one computer"),
    mark("“{host}” is not a host name"),
    mark("{host} leads to {address}, which is not on the public internet"),
    mark("it is a folder"),
    mark("it is not a file"),
    mark("the file is empty"),
    mark("it cannot be read ({reason})"),
    # -- pictures
    mark("it has {count} bytes; the service takes at most {maximum} bytes"),
    mark("it has {size}; the service takes at most {maximum}"),
    mark("it is a {format} file; the service takes {formats}"),
    mark("it has {width} × {height} pixels; the service takes at most {maximum} a side"),
    mark("it has {width} × {height} pixels; the service needs at least {minimum} a side"),
    mark("its first megabytes do not tell its sides"),
    mark("its content is not a picture of any kind known here"),
    mark("it is a BigTIFF file, which cannot be read here"),
    mark("it ends before its sides are told"),
    mark("its header gives it no pixels"),
    mark("its {format} header is broken"),
    mark("its {format} header names no sides"),
    mark("its {format} header ends without its sides"),
    mark("its header contradicts its content"),
    mark("“{service}” takes web addresses only"),
    mark("“{service}” cannot be given a file"),
    # -- servers
    mark("its server sends more than it promised"),
    mark("the server hands it out only to those who have signed in"),
    mark("the server does not hand it out"),
    mark("its address leads to {address}, which was ordered before"),
    mark("there is nothing at its address"),
    mark("there is nothing at its address any more"),
    mark("the server asks to be asked later"),
    mark("the server has a fault"),
    mark("the server answered without the picture"),
    mark("the file of further certificates cannot be used"),
    mark("it is too large to be a file of certificates"),
    mark("it holds no certificate in PEM form (text that begins with BEGIN CERTIFICATE)"),
    mark("a certificate in it is damaged"),
    mark("it holds no usable certificate"),
    mark("the proxy of the settings cannot be used"),
    mark("the proxy wants a user name and a password"),
    mark("the proxy would not connect to the server"),
    mark("the proxy cannot be reached"),
    mark("the server's name is not known, or there is no network"),
    mark("the server refused the connection"),
    mark("the server's certificate is not to be trusted"),
    mark("no secure connection to the server came about"),
    mark("the server sends too slowly"),
    mark("the server sends its answer in countless tiny pieces"),
    mark("the server sent a compressed answer, which was not asked for"),
    mark("the server could not be reached in time"),
    mark("no connection became free in time"),
    mark("the server fell silent"),
    mark("the server cannot be reached"),
    mark("the server broke off, or does not speak HTTP"),
    mark("the request cannot be written as HTTP"),
    mark("the server broke the connection off"),
    mark("the address cannot be used"),
    mark("the exchange with the server failed"),
    # -- services
    mark("the service could not be reached in time"),
    mark("it does not answer"),
    mark("the service asks to be asked later: {message}"),
    mark("the service asks to be asked later"),
    mark("the service does not accept the token"),
    mark("the service has a fault"),
    mark("its path leads away from the service's own address"),
    mark("the service only redirects to another address, so base_url may be wrong"),
    mark("the service answered with success and without a record"),
    mark("the service answered with the record of another task"),
    mark("the service took the picture without naming its address"),
    mark("the service accepted the picture without naming a task"),
    mark("the service named a task that another picture has already"),
    mark("the service calls the task finished but names no result"),
    mark("the service gave no reason"),
    mark("the answer is longer than any the API gives"),
    mark("the reply is not JSON ({reply})"),
    mark("the reply is JSON, but not an object ({reply})"),
    mark("the reply has no number under “code” ({reply})"),
    mark("the service answered with code {code}: {message}"),
    mark("the service answered with code {code}"),
    mark("the token contains a sign that no request can carry"),
    mark("“{service}” needs a token and none is set"),
    mark("the program ended while the request was on its way"),
    mark("the program was ended while the request was on its way"),
    mark("the program is ending"),
    mark("the program ended twice while it was reading this picture; nothing was charged for it"),
    mark("the program ended twice while it was reading this picture; it may have been charged"),
    mark("an unforeseen error ({error})"),
    mark("an unforeseen error ({error}); nothing was charged for it"),
    mark("an unforeseen error ({error}); it may have been charged"),
    mark("you paused sending"),
    mark("it said nothing"),
    mark("cannot listen on {place} ({reason})"),
    mark("there is no token by which to know them"),
    # -- results
    mark("it has more than {size} MB"),
    mark("the server sent an empty file"),
    mark("it claims {width} × {height} pixels, more than are decoded here"),
    mark("it has {width} × {height} pixels; the service promised {promised}"),
    mark("it has {count} bytes; the service promised {promised}"),
    mark("it is a {format} file; the service promised {promised}"),
    mark("it is a {format} file"),
    mark("it is cut off before its end"),
    mark("it is far too short for its sides: most of it is missing"),
    mark("it cannot be decoded: it is cut or broken"),
    mark("decoding it takes longer than {count} s"),
    mark("the result's address: {problem}"),
    # -- what the service of this computer says of a result
    mark("nothing to repair was found: not a pixel is changed"),
    mark("no face was found: the picture as a whole was enhanced"),
    mark("faces were not looked for: the trained net that finds them is not installed"),
    # -- this computer
    mark("{folder} is not a folder"),
    mark("{folder} cannot be written to"),
    mark("{name} is no longer in the save folder"),
    mark("{folder} holds {count} files named {name}"),
    mark("the save folder lies on a file system that cannot rename safely"),
    mark("somebody has exchanged {name} while it was being saved"),
    mark("the database reports: {message}"),
    mark("the list of tasks has version {version}, this program {own}"),
    mark("version {version} is not as it was: {message}"),
    mark("the file is a database of another program"),
    mark("{part} of the list of tasks is not as this program makes it"),
    mark("{path} is not the file that the program has opened"),
    mark("another start of the program holds it and cannot be reached"),
    mark("another version of the program is running"),
    mark("the window that is open could not take the inputs"),
    mark("another start of the program has taken the list over"),
    mark("the token of “{service}” is in {before}, not in {now}"),
    mark("{manager} took the token and does not have it"),
    mark("none answers; the token is in {before}"),
    mark("none answers"),
    mark("it has not answered for {count} s"),
    mark("it reports: {message}"),
    mark("the next task costs {cost}, {spent} may have been spent, and the limit is {limit}"),
    mark("it is not known what “{type}” costs, and the limit is {limit}"),
    mark("{maximum} a day for “{service}”"),
    mark("{maximum} for this batch"),
    mark("there is no task {number}"),
    mark("task {number} is {state}: it is cancelled first"),
    mark("task {number} is {state}: no step “{step}”"),
    mark("task {number} is in doubt: only the user may send it again"),
    mark("task {number} is {state}: it goes on"),
    mark("task {number} is nothing that the service can be asked about"),
    # -- newer versions
    mark("the answer is not the file that tells the newest version"),
    mark("the answer names no version"),
    mark("the answer names no page"),
    mark("the answer names a page of somebody else"),
    mark("the answer has more than {count} bytes"),
    mark("the server did not hand the file out"),
    mark("this build does not know where to look"),
    mark("the address that this build asks is not a plain https one"),
    mark("the address that this build asks is none"),
    # -- the program that is running already
    mark("the program that is running has another one for “{service}”"),
    # -- profiles of services
    mark("is not a recipe: a brace stands alone"),
    mark("{field} is not a field of the record (there are: {known})"),
    mark("must lie between {minimum} and {maximum}"),
    mark("must be one of {choices}"),
    mark("is not a web address ({reason})"),
    mark("{number} stands twice"),
    mark("“{name}” is the name of another type: nobody could tell them apart"),
    mark("names no file type that is known here (these are: {known})"),
    mark("{number} stands under two phases"),
    mark("must be a list of tables, written [[{key}]]"),
    mark("is not valid TOML: {reason}"),
    mark("has a line of more than {count} signs"),
    mark("cannot be read: {reason}"),
    mark("“{name}” is the name of another profile"),
    # -- what holds others
    mark("{words} (HTTP {status})"),
)
"""Every form of a detail that the window may show; the first that fits serves."""

_DEEPEST: Final = 3
"""So many details may stand in each other."""


def shown_detail(detail: str, depth: int = 0) -> str:
    """Return a detail in the user's language; as it is where its form is not known."""
    if not detail or is_english():
        return detail
    form = _form_of(detail)
    if form is None or depth == _DEEPEST:
        head, colon, reason = detail.rpartition(": ")
        return head + colon + tr(reason)
    template, fields = form
    filled = {name: localized(shown_detail(text, depth + 1)) for name, text in fields}
    return tr(template).format(**filled)


@cache
def _forms() -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """Return of every form its template, what stands between its fields, and their names."""
    forms = []
    for template in DETAILS:
        parts = list(Formatter().parse(template))
        names = tuple(name for _, name, _, _ in parts if name is not None)
        literals = [literal for literal, _, _, _ in parts]
        if len(literals) == len(names):
            literals.append("")  # nothing stands behind the last field
        forms.append((template, tuple(literals), names))
    return tuple(forms)


def _form_of(detail: str) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    for template, literals, names in _forms():
        texts = _fields_of(detail, literals)
        if texts is not None:
            return template, tuple(zip(names, texts, strict=True))
    return None


def _fields_of(detail: str, literals: tuple[str, ...]) -> list[str] | None:
    """Return what stands between a form's literals, none of it empty; ``None`` where it is another.

    Each field ends where the next literal first occurs. No regular expression: that would try every
    place for every field, and details quote strangers.
    """
    first, *between = literals
    if not between:
        return [] if detail == first else None
    last = between.pop()
    if not detail.startswith(first) or not detail.endswith(last):
        return None
    at, end = len(first), len(detail) - len(last)
    texts = []
    for literal in between:
        found = detail.find(literal, at + 1, end)
        if found < 0:
            return None
        texts.append(detail[at:found])
        at = found + len(literal)
    return [*texts, detail[at:end]] if at < end else None
