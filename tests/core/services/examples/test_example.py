"""A provider's example becomes the values of a profile, and its token a secret of its own."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from enhance_gui.core.services.examples.example import (
    MAX_EXAMPLE_CHARS,
    Example,
    read_example,
)
from enhance_gui.core.services.profile import profile_from_mapping
from enhance_gui.core.text.detail import shown

TOKEN = "c4n4ry-of-the-example"

BASE = {"method": "POST", "base_url": "https://api.example.org/v1"}
BEARER = {"token_header": "Authorization", "token_prefix": "Bearer "}

URL = "https://api.example.org/v1/createtask"
JSON = '{"picurl": "https://e.example/a.jpg", "type": 1}'


def values(text: str, token: str | None = TOKEN) -> dict[str, Any]:
    """Return what is read, which is a profile that can be used, and holds no token."""
    read = read_example(text)
    profile_from_mapping({"name": "A", "base_url": "https://a.example", **read.values}, "example")
    assert (read.token.reveal() if read.token else None) == token
    assert TOKEN not in repr(read)
    return dict(read.values)


def words(read: Example) -> str:
    return "\n".join(map(shown, (*read.understood, *read.left_out)))


COMMANDS = {
    "one line": f"curl -X POST {URL} -H 'Authorization: Bearer {TOKEN}' -d '{JSON}'",
    "lines": f"curl -X POST {URL} \\\n  -H 'Authorization: Bearer {TOKEN}' \\\n  -d '{JSON}'\n",
    "lines of Windows' files": f"curl {URL} \\\r\n -H 'Authorization: Bearer {TOKEN}' \\\r\n"
    f" -d '{JSON}'\r\n",
    "double quotes": f'curl "{URL}" -H "Authorization: Bearer {TOKEN}" -d {json.dumps(JSON)}',
    "a dollar": f"curl {URL} -H $'Authorization: Bearer \\x634n4ry-of-the-example' -d $'{JSON}'",
    "joined": f"curl -sSLXPOST {URL} -H'Authorization: Bearer {TOKEN}' -d'{JSON}'",
    "long options": f"curl --location --request POST --url {URL} --header 'Authorization: Bearer "
    f"{TOKEN}' --data-raw '{JSON}' --compressed",
    "json": f"curl --json '{JSON}' {URL} -H 'Authorization: Bearer {TOKEN}'",
    "bearer": f"curl --oauth2-bearer {TOKEN} --data-binary '{JSON}' {URL}",
    "cmd": f'curl -X POST "{URL}" ^\r\n  -H "Authorization: Bearer {TOKEN}" ^\r\n  -d '
    f"{json.dumps(JSON)}",
    "cmd, as Chrome copies it": f'curl ^"{URL}^" ^\r\n  -H ^"accept: */*^" ^\r\n  -H '
    f'^"authorization: Bearer {TOKEN}^" ^\r\n  -H ^"sec-ch-ua: ^\\^"x^\\^"^" ^\r\n  --data-raw ^"'
    + "".join(f"^{each}" if each != '"' else '^\\^"' for each in JSON)
    + '^"',
    "PowerShell's line ends": f"curl.exe {URL} `\n -H 'Authorization: Bearer {TOKEN}' `\n"
    f" -d '{JSON}'",
    "a prompt and what follows": f"$ curl {URL} -H 'Authorization: Bearer {TOKEN}' -d '{JSON}' | "
    "jq .data > a.json; rm -rf /",
    "a word processor's signs": f"curl –X POST {URL} —header “Authorization: Bearer {TOKEN}” –d "
    f"‘{JSON}’",
    "documentation around it": "Install cURL first: https://curl.se. Then curl says:\n\n```bash\n"
    f"curl https://api.example.org/v1/balance -H 'token: x'\ncurl -XPOST {URL} -H "
    f"'Authorization: Bearer {TOKEN}' -d '{JSON}'\n```\nThat is all.",
    "no curl": f"POST {URL}\nAuthorization: Bearer {TOKEN}\nContent-Type: application/json\n\n"
    + JSON,
    "HTTP": f"POST /v1/createtask HTTP/1.1\r\nHost: api.example.org\r\nAuthorization: Bearer "
    f"{TOKEN}\r\nContent-Type: application/json\r\n\r\n{JSON}",
    "a document": f"Create Task\n- URL: {URL}\n- Method: POST\nHeader\n{{\n"
    f'"Authorization": "Bearer {TOKEN}", # String, your api token\n}}\nBody\n{{\n'
    'picurl: "url", # String\ntype: 1, # Int\nchtaskid: "id"\n}\n',
}


@pytest.mark.parametrize("text", COMMANDS.values(), ids=COMMANDS.keys())
def test_the_same_request_is_read_from_each_way_to_write_it(text: str) -> None:
    read = values(text)
    read["token_header"] = read["token_header"].title()
    assert read == {**BASE, **BEARER}


HEAD = f"curl {URL} -H 'token: {TOKEN}' "
HEADER = {**BASE, "token_header": "token"}

MORE = json.dumps(
    {
        "picurl": "https://e.example/a.jpg",
        "version": 2,
        "draft": True,
        "mode": "fast",
        "options": {"a": 1},
        "name": "string",
    }
)
REPLY = json.dumps({"errno": 0, "message": "", "result": {"task_id": "a", "state": 1}})

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "a form": (f"{HEAD}-d picurl=https%3A%2F%2Fe.example%2Fa.jpg -d type=1", {"body": "form"}),
    "encoded": (
        f"{HEAD}--data-urlencode 'picurl=https://e.example/a b.jpg' -d 'type=1'",
        {"body": "form"},
    ),
    "a form in parts": (f"{HEAD}-F picurl=https://e.example/a.jpg -F type=1", {"body": "form"}),
    "a query": (
        f"{HEAD}-G -d picurl=https://e.example/a.jpg -d type=1",
        {"method": "GET"},
    ),
    "a query, posted": (
        f"curl -X POST '{URL}?picurl=https://e.example/a.jpg&type=1' -H 'token: {TOKEN}'",
        {"body": "query"},
    ),
    "other names": (
        f"""{HEAD}-d '{{"image_url": "https://e.example/a.jpg", "mode_type": "2", "ref": "x1"}}'""",
        {
            "fields": {"picurl": "image_url", "type": "mode_type", "chtaskid": "ref"},
            "enhance_types": [{"id": 2, "name": "Type 2"}],
        },
    ),
    "a name never heard of": (
        f"""{HEAD}-d '{{"das_bild": "https://e.example/a.jpg", "callback": "https://me/x"}}'""",
        {"fields": {"picurl": "das_bild"}},
    ),
    "further fields": (
        f"{HEAD}-H 'X-Client: studio' -H 'Accept-Language: de' -d '{MORE}'",
        {
            "headers": {"X-Client": "studio"},
            "extra_fields": {"version": 2, "draft": True, "mode": "fast"},
        },
    ),
    "another ending": (
        f"curl https://api.example.org/v1/createtask.php?lang=de -H 'token: {TOKEN}' -d '{JSON}'",
        {"path": "/{call}.php?lang=de"},
    ),
    "the call as a parameter": (
        f"curl 'https://api.example.org/v1?do=createtask' -H 'token: {TOKEN}' -d '{JSON}'",
        {"base_url": "https://api.example.org", "path": "/v1?do={call}"},
    ),
    "a call in the middle": (
        f"curl https://api.example.org/v1/createtask/run -H 'token: {TOKEN}' -d '{JSON}'",
        {"path": "/{call}/run"},
    ),
    "a reply too": (
        f"{HEAD}-d '{JSON}'\n\nReply:\n{REPLY}",
        {
            "fields": {
                "code": "errno",
                "msg": "message",
                "data": "result",
                "taskid": "task_id",
                "status": "state",
            }
        },
    ),
}


@pytest.mark.parametrize(("text", "more"), FORMS.values(), ids=FORMS.keys())
def test_what_differs_is_recognised(text: str, more: dict[str, Any]) -> None:
    assert values(text) == {**HEADER, **more}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f"curl {URL} -H 'x-api-key: {TOKEN}' -d '{JSON}'", {"token_header": "x-api-key"}),
        (f"curl {URL} -H 'Authorization: {TOKEN}' -d '{JSON}'", {"token_header": "Authorization"}),
        (
            f"curl '{URL}?access_token={TOKEN}' -d '{JSON}'",
            {"token_header": "access_token", "token_in": "query"},
        ),
        (
            f"""curl {URL} -d '{{"picurl": "https://e/a.jpg", "key": "{TOKEN}"}}'""",
            {"token_header": "key", "token_in": "body"},
        ),
        (
            f"curl {URL} -d picurl=https://e/a.jpg -d key={TOKEN}",
            {"token_header": "key", "token_in": "body", "body": "form"},
        ),
        (
            f"curl -G {URL} -d picurl=https://e/a.jpg -d key={TOKEN}",
            {"token_header": "key", "token_in": "query", "method": "GET"},
        ),
        # What may be a part of the secret stands in no file.
        (f"curl {URL} -H 'token: {TOKEN} {TOKEN}' -d '{JSON}'", {"token_header": "token"}),
        # By its looks alone.
        (f"curl {URL} -H 'X-Who: {TOKEN}' -d '{JSON}'", {"token_header": "X-Who"}),
    ],
)
def test_the_token_is_found_wherever_it_stands(text: str, where: dict[str, Any]) -> None:
    token = f"{TOKEN} {TOKEN}" if f"{TOKEN} {TOKEN}" in text else TOKEN
    assert values(text, token) == {**BASE, **where}


@pytest.mark.parametrize(
    "text",
    [
        f"curl {URL} -H 'Authorization: Bearer a-b-1' -H 'X-Api-Key: {TOKEN}' -d '{JSON}'",
        f"curl {URL} -H 'token: a-b-1' -H 'X-Who: {TOKEN}' -d '{JSON}'",
        f"curl '{URL}?sign={TOKEN}' -H 'token: a-b-1' -d '{JSON}'",
        f"curl {URL} -H 'token: a-b-1' -b 'session={TOKEN}' -H 'Cookie: s={TOKEN}' -d '{JSON}'",
        f"curl {URL} -u 'me:{TOKEN}' -H 'token: a-b-1' -d '{JSON}'",
        f"curl https://me:{TOKEN}@api.example.org/v1/createtask -H 'token: a-b-1' -d '{JSON}'",
    ],
)
def test_a_second_secret_is_named_and_kept_nowhere(text: str) -> None:
    read = read_example(text)
    assert read.token is not None
    assert read.token.reveal() == "a-b-1"
    assert TOKEN not in repr(read) + words(read) + json.dumps(dict(read.values))
    assert read.left_out


@pytest.mark.parametrize(
    "placeholder",
    ["YOUR_API_KEY", "<token>", "$TOKEN", "${API_KEY}", "{{token}}", "xxxxxxxx", "your token", "…"],
)
def test_a_placeholder_is_no_token(placeholder: str) -> None:
    text = f"""curl {URL} -H "token: {placeholder}" -d '{JSON}'"""
    assert values(text, None) == HEADER
    assert "paste it into its field" in words(read_example(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEAD}-u me:pw -d '{JSON}'", "user name and a password (-u)"),
        (f"{HEAD}-k -d '{JSON}'", "certificates are always checked"),
        (f"{HEAD}-F picurl=https://e/a.jpg", "in parts (multipart)"),
        (f"{HEAD}-F file=@a.jpg", "It uploads a file"),
        (f"{HEAD}-d @body.json", "read from a file"),
        (f"{HEAD}-X PATCH -d '{JSON}'", "The method PATCH"),
        (f"{HEAD.replace('createtask', 'createTask')}-d '{JSON}'", "spells the call “createTask”"),
        (f"curl https://a.example/enhance -d '{JSON}'", "names none of the calls"),
        (f"curl https://<host>/createtask -d '{JSON}'", "a placeholder in it"),
        (f"curl https://a.example/{'a1' * 15}/createtask -d '{JSON}'", "looks like a secret"),
        (f'{HEAD}-d \'{JSON[:-1]}, "callback": "https://me/"}}\'', "where the service reports"),
        ("hello", "no example of a call"),
        ("curl", "no example of a call"),
        ("x" * (MAX_EXAMPLE_CHARS + 1), "longer than any example"),
    ],
)
def test_what_is_not_taken_over_is_told(text: str, said: str) -> None:
    read = read_example(text)
    assert any(said in shown(line) for line in read.left_out), words(read)


PIECES = st.sampled_from(
    [
        *("curl ", "curl.exe ", URL, "https://a.example", "/createtask", "-H ", "--header ", "-d "),
        *("-X", "POST ", "GET", "-G ", "-F ", "--json ", "-u ", "--url ", "--data-urlencode "),
        *("'", '"', "\\", "^", "`", "\n", "\r\n", " ", "$'", "|", ";", "&", "=", ":", "?", "#"),
        *("token: ", "Authorization: Bearer ", "x-api-key", "key=", "Content-Type: ", "Host: "),
        *(
            "application/json",
            "{",
            "}",
            "[",
            "]",
            ",",
            '"picurl": ',
            '"type": 1',
            "picurl=",
            "\x00",
        ),
        *(
            "chtaskid",
            "taskid",
            "code",
            "data",
            "\u202e",
            "ü",
            "\ud800",
            "{call}",
            "@",
            "%41",
            "<x>",
        ),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | st.text(max_size=6), max_size=40).map("".join))
@example(f"curl https://a.example/createtask?{{call}}=1 -d '{JSON}'")
@example(f"curl {URL} -H 'taskid: a' -d taskid=1 -d type=2 -d type=3 -d picurl=1 -d url=2")
@example(f'curl {URL} -d \'{{"taskid": 1, "token": true, "type": 99999999999}}\'')
@example(f"{URL}\ud800")
@example(f"curl '{URL}?a=\ud800' -H 'token: \ud800{TOKEN}' -d '{{\"a\": \"\\ud800\"}}'")
def test_whatever_is_pasted_becomes_a_usable_profile_or_a_sentence(text: str) -> None:
    read = read_example(text)
    if read.values:
        profile_from_mapping({"name": "A", "base_url": "https://a.example", **read.values}, "a")
    else:
        assert read.left_out
        assert read.token is None
    assert all(line and all(map(str.isprintable, shown(line))) for line in read.understood)
    assert all(map(str.isprintable, "".join(map(shown, read.left_out))))


@pytest.mark.long
@settings(max_examples=200, deadline=None)
@given(
    st.text(
        st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="'\\"), min_size=8
    ),
    st.sampled_from(
        ["-H 'token: {}'", "-H 'Authorization: Bearer {}'", "-d 'key={}'", "-u 'me:{}'"]
    ),
)
def test_a_token_stands_in_nothing_but_its_secret(token: str, where: str) -> None:
    marked = f"c4n4ry{token}"
    read = read_example(f"curl {URL} {where.format(marked.replace('%', 'p'))} -d '{JSON}'")
    assert "c4n4ry" not in repr(read) + words(read) + json.dumps(dict(read.values))


HOSTILE = {
    **{sign: sign * MAX_EXAMPLE_CHARS for sign in "'\"\\{[^`:=&%–a \n"},
    **{
        piece: (f"curl {URL} -d '" + piece * MAX_EXAMPLE_CHARS)[:MAX_EXAMPLE_CHARS]
        for piece in ('{"a":', '"a":1,', "a=b&", "a-b_", "\\x41", "a: b\n", '^\\^"', "$'\\")
    },
    **{
        piece: (piece * MAX_EXAMPLE_CHARS)[:MAX_EXAMPLE_CHARS]
        for piece in (
            "curl '",
            'curl "\\',
            "https://",
            "POST ",
            "a-a:",
            '{"a":',
            "a=b&c=d\n",
            "{}\n",
        )
    },
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=map(repr, HOSTILE))
def test_no_text_takes_long(text: str) -> None:
    def took_s(text: str) -> float:
        began_s = time.process_time()
        read_example(text)
        return time.process_time() - began_s

    # What grew with the square of its length would take many times that.
    assert min(took_s(text) for _ in range(3)) < 0.2


@pytest.mark.parametrize("number", ["9" * 5000, "--5", "٣" * 500, "-"])
def test_a_type_that_is_no_number_breaks_nothing(number: str) -> None:
    body = json.dumps({"picurl": "https://a.example/b.jpg", "type": number})
    read = read_example(f"curl {URL} -d '{body}'")
    assert read.values["base_url"]
    assert "enhance_types" not in read.values


@pytest.mark.parametrize("option", ["-d @", "--data-urlencode a@"])
def test_the_name_of_a_file_is_shown_short_and_visible(option: str) -> None:
    read = read_example(f"curl {URL} {option}" + "\u202ex" * 3000)
    assert read.left_out
    assert all(len(line) < 300 and "\u202e" not in line for line in map(shown, read.left_out))


def test_a_password_in_an_address_that_cannot_be_read_is_not_shown() -> None:
    read = read_example("curl https://user:hunter2℀@api.example℀/createtask")
    told = " ".join(map(shown, (*read.left_out, *read.understood)))
    assert "is not a web address" in told
    assert "hunter2" not in told
