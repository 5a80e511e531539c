"""mqtts:// in lib/ports/mqtt_paho.c: who is let in, and what is said when not."""

import subprocess

import pytest

from broker import Broker, private_address


def openssl(folder, *args):
    subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)


def new_key(name):
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            f"{name}.key"]


def make_authority(folder, name):
    openssl(folder, "req", "-x509", *new_key(name), "-out", f"{name}.pem", "-subj", f"/CN={name}")


def make_certificate(folder, name, subject_alternative):
    openssl(folder, "req", *new_key(name), "-out", f"{name}.csr", "-subj", f"/CN={name}")
    (folder / "extension").write_text(f"subjectAltName={subject_alternative}\n")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-out", f"{name}.pem", "-extfile", "extension")


@pytest.fixture
def certificates(tmp_path):
    """ca signed server, which has this process's address, elsewhere, which has another, and client;
    other signed none."""
    folder = tmp_path / "certificates"
    folder.mkdir()
    make_authority(folder, "ca")
    make_authority(folder, "other")
    make_certificate(folder, "server", f"IP:{private_address()}")
    make_certificate(folder, "elsewhere", "IP:192.0.2.1,DNS:elsewhere.example")
    make_certificate(folder, "client", "DNS:client.example")
    return folder


@pytest.fixture
def start_tls_broker(tmp_path, certificates):
    started = []

    def start(certificate="server", extra=""):
        broker = Broker(tmp_path / "broker", anonymous=True, extra=f"""\
cafile {certificates}/ca.pem
certfile {certificates}/{certificate}.pem
keyfile {certificates}/{certificate}.key
{extra}
""")
        started.append(broker.start())
        return broker.uri.replace("mqtt://", "mqtts://")

    yield start
    for broker in started:
        broker.stop()


def test_broker_of_our_authority(start_tls_broker, start_probe, certificates):
    probe = start_probe(start_tls_broker(), ca_file=f"{certificates}/ca.pem")
    probe.publish("to/probe", "through the tunnel", qos=1)
    probe.wait_for_event("message", payload="through the tunnel")


def test_broker_of_another_authority(start_tls_broker, start_probe, certificates):
    probe = start_probe(start_tls_broker(), connected=False, ca_file=f"{certificates}/other.pem")
    probe.wait_for_log("certificate verify failed")
    probe.wait_for_event("attempt", session=3)
    assert "connected" not in probe.events()


def test_broker_is_not_trusted_by_the_system(start_tls_broker, start_probe):
    probe = start_probe(start_tls_broker(), connected=False)
    probe.wait_for_log("certificate verify failed")
    assert "connected" not in probe.events()


def test_certificate_of_another_host(start_tls_broker, start_probe, certificates):
    probe = start_probe(start_tls_broker("elsewhere"), connected=False,
                        ca_file=f"{certificates}/ca.pem")
    probe.wait_for_log("cannot connect")
    probe.wait_for_event("attempt", session=3)
    assert "connected" not in probe.events()


def test_client_certificate(start_tls_broker, start_probe, certificates):
    uri = start_tls_broker(extra="require_certificate true")
    stranger = start_probe(uri, connected=False, ca_file=f"{certificates}/ca.pem",
                           client_id="stranger")
    stranger.wait_for_event("attempt", session=3)
    assert "connected" not in stranger.events()
    start_probe(uri, ca_file=f"{certificates}/ca.pem", cert_file=f"{certificates}/client.pem",
                key_file=f"{certificates}/client.key")
