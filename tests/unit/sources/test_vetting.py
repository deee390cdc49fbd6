# SPDX-License-Identifier: Apache-2.0
"""No address, however it is spelled, leads the mover to where it must not go."""

# ruff: noqa: S104, RUF001  hostile addresses, spelled as an attacker would

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpclone.api.mover import NetworkConfig
from wpclone.api.reasons import Reason
from wpclone.errors import SourceError
from wpclone.mover.net.vet import Vetter

PUBLIC = "93.184.216.34"
HOSTILE_ADDRESSES = (
    "0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1",
    "127.255.255.254", "168.63.129.16", "169.254.169.254", "169.254.170.2", "169.254.170.23",
    "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.0.1", "198.18.0.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fec0::1",
    "fc00::1", "fd00:ec2::254", "fd00:ec2::23", "ff02::1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
    "::ffff:10.0.0.1", "::127.0.0.1", "3fff::1", "100::1",
)  # fmt: skip
HOSTILE_URLS = (
    "https://127.0.0.1/", "https://127.1/", "https://127.0.1/", "https://2130706433/",
    "https://0x7f000001/", "https://0x7f.1/", "https://0x7f.0.0.1/", "https://0177.0.0.1/",
    "https://017700000001/", "https://0/", "https://0.0.0.0/", "https://[::1]/",
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
    "https://169.254.169.254/latest/meta-data/", "https://2852039166/", "https://0xa9fea9fe/",
    "https://0251.0376.0251.0376/", "https://169.254.43518/", "https://[fd00:ec2::254]/",
    "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[::127.0.0.1]/",
    "https://１２７.０.０.１/", "https://127。0。0。1/", "https://①②⑦.⓪.⓪.①/",
    "https://[64:ff9b::127.0.0.1]/", "https://127.0.0.1./", "https://127.0.0.1:443/",
    "https://127.0.0.1%2f@example.com/", "https://example.com@127.0.0.1/",
    "https://user:secret@example.com/", "https://example.com:22/", "https://example.com:6443/",
    "https://example.com:99999/", "https://example.com:-1/", "https://example.com:0x50/",
    "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "javascript:alert(1)",
    "//example.com/", "example.com", "", "https://", "https:///path", "https://./",
    "https://exa mple.com/", "https://example.com\\@127.0.0.1/", "https://example.com\r\nHost: x/",
    "https://example.com\x00.test/", "https://-example.com/", "https://[::1", "https://[]/",
    "https://%31%32%37.0.0.1/", "https://example..com/", "https://" + "a" * 300 + ".com/",
    "https://" + "a" * 9000, "https://1.2.3.4.5/", "https://1.2.3.256/", "https://0x/",
)  # fmt: skip


def vetter(*answers: str, allow: Sequence[str] = (), http: bool = False) -> Vetter:
    """Return a vetter whose resolver gives these answers."""
    settings = NetworkConfig(allow=tuple(allow), http=http)
    return Vetter(settings, lambda _host, _port: answers)


def refused(judge: Vetter, url: str) -> SourceError:
    """Return why a URL is refused."""
    with pytest.raises(SourceError) as caught:
        judge.vet(url)
    return caught.value


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_a_hostile_address_is_refused(url: str) -> None:
    """Every spelling of an address that is not public ends in SourceAddressForbidden."""
    error = refused(vetter(PUBLIC), url)
    assert error.reason == Reason.SOURCE_ADDRESS_FORBIDDEN
    assert "secret" not in error.message
    assert error.message.isprintable()


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    """A public name that resolves to such an address is refused, alone or among good ones."""
    for answers in ((address,), (PUBLIC, address), (address, PUBLIC)):
        error = refused(vetter(*answers), "https://www.example.com/")
        assert error.reason == Reason.SOURCE_ADDRESS_FORBIDDEN


def test_a_public_site_is_resolved_once() -> None:
    """What was vetted is what is connected to, whatever the name server says later."""
    asked = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    judge = Vetter(NetworkConfig(), resolve)
    first = judge.vet("https://www.example.com/blog?p=1")
    second = judge.vet("https://www.example.com/")
    assert first.addresses == second.addresses == (PUBLIC,)
    assert (first.host, first.port, first.path) == ("www.example.com", 443, "/blog?p=1")
    assert len(asked) == 1


def test_the_settings_open_what_they_list() -> None:
    """An allowed range may be private, and any port of it may be used."""
    judge = vetter("10.78.0.5", allow=["10.78.0.0/16"])
    assert judge.vet("https://www.acme.test:8443/").addresses == ("10.78.0.5",)
    assert judge.vet("https://10.78.3.4:1234/").port == 1234
    assert refused(judge, "https://10.79.0.1/").reason == Reason.SOURCE_ADDRESS_FORBIDDEN


def test_no_setting_opens_metadata() -> None:
    """Addresses that hand out credentials stay shut even if everything is allowed."""
    judge = vetter(allow=["0.0.0.0/0", "::/0"])
    for address in ("169.254.169.254", "169.254.170.23", "[fd00:ec2::254]", "[fe80::1]"):
        assert refused(judge, f"https://{address}/").reason == Reason.SOURCE_ADDRESS_FORBIDDEN


def test_plain_http_needs_the_setting() -> None:
    """http:// is refused unless the settings allow it."""
    assert refused(vetter(PUBLIC), "http://example.com/").reason == Reason.SOURCE_ADDRESS_FORBIDDEN
    assert vetter(PUBLIC, http=True).vet("http://example.com/").port == 80


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    """A typo in a host name is told as such, and trying again is left to the deadline."""

    def resolve(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such name")

    error = refused(Vetter(NetworkConfig(), resolve), "https://www.exmaple.com/")
    assert error.reason == Reason.SOURCE_UNREACHABLE
    assert "www.exmaple.com" in error.message


def test_international_names_are_asked_for_in_their_wire_form() -> None:
    """A name with umlauts resolves by its A-label."""
    assert vetter(PUBLIC).vet("https://bücher.example/").host == "xn--bcher-kva.example"


@given(st.integers(0, 2**32 - 1), st.sampled_from(["{:d}", "{:#x}", "0{:o}"]))
def test_no_number_is_a_host(number: int, form: str) -> None:
    """An IPv4 address written as one number never passes, whatever it stands for."""
    error = refused(vetter(PUBLIC), f"https://{form.format(number)}/")
    assert error.reason == Reason.SOURCE_ADDRESS_FORBIDDEN


@given(st.text(max_size=60))
def test_any_text_is_judged_without_surprise(text: str) -> None:
    """Whatever is typed ends in a target or in a SourceError, never in another exception."""
    said = "a target"
    try:
        vetter(PUBLIC).vet("https://" + text)
    except SourceError as error:
        said = error.message
    assert said.isprintable()
