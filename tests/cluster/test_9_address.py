"""A host of its own with a certificate: www and plain HTTP are sent to it."""

import subprocess

import pytest
import urllib3

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

HOST = "reviews.example.com"
WWW = f"www.{HOST}"


@pytest.fixture(scope="module")
def certificate(cluster, tmp_path_factory):
    """A certificate for both hosts, as a Secret; gives its file."""
    folder = tmp_path_factory.mktemp("certificate")
    certificate, key = folder / "tls.crt", folder / "tls.key"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    words += ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},DNS:{WWW}"]
    words += ["-out", certificate, "-keyout", key]
    subprocess.run(words, check=True, capture_output=True)
    cluster.kubectl("create", "secret", "tls", "certificate", "--cert", certificate, "--key", key)
    return certificate


@pytest.fixture(scope="module")
def ask(cluster, certificate):
    """Ask a host at the ingress controller's address; nobody is followed to elsewhere."""
    address = cluster.address.removeprefix("http://")
    names = ("host", "tlsSecret", "redirects.www", "redirects.https")
    values = (HOST, "certificate", "true", "true")
    chosen = [f"ingress.{name}={value}" for name, value in zip(names, values, strict=True)]
    cluster.install("upgrade", "--set", ",".join(chosen))

    def get(scheme, host, path, method="GET"):
        tls = {"ca_certs": str(certificate), "server_hostname": host, "assert_hostname": host}
        pool = (
            urllib3.HTTPSConnectionPool(address, **tls)
            if scheme == "https"
            else urllib3.HTTPConnectionPool(address)
        )
        with pool:
            retries = urllib3.Retry(20, backoff_factor=0.1, status_forcelist={404, 502, 503})
            answer = pool.request(
                method, path, headers={"Host": host}, redirect=False, retries=retries
            )
        return answer.status, answer.headers.get("Location")

    return get


def test_the_pages_come_over_https(ask):
    assert ask("https", HOST, "/") == (200, None)
    assert ask("https", HOST, "/api/openapi.json") == (200, None)


@pytest.mark.parametrize(("scheme", "host"), [("http", HOST), ("http", WWW), ("https", WWW)])
def test_everything_else_is_sent_there_with_its_path(ask, scheme, host):
    asked = "/admin?from=2026-01-01&text=a%20b"
    assert ask(scheme, host, asked) == (308, f"https://{HOST}{asked}")
    assert ask(scheme, host, "/api/review", "POST") == (308, f"https://{HOST}/api/review")


def test_nobody_can_be_sent_to_another_host(ask):
    assert ask("http", HOST, "//evil.example/x") == (308, f"https://{HOST}/evil.example/x")
    assert ask("http", HOST, "/\\evil.example") == (308, f"https://{HOST}/%5Cevil.example")
