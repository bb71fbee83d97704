"""Log drivers: which there are and what can be set of them (moby daemon/logger).

All of them keep the output in the same way here; those that a real daemon cannot read from cannot be read from.
"""

from __future__ import annotations

from fakedocker.engine import errors
from fakedocker.engine.containers.hostconfig import LogConfig

DEFAULT = "json-file"
_COMMON = "tag labels labels-regex env env-regex"
_FILES = "max-file max-size compress"
#: The options that each driver knows.
OPTIONS = {
    "json-file": f"{_FILES} {_COMMON}",
    "local": _FILES,
    "journald": _COMMON,
    "syslog": f"""
        {_COMMON} syslog-address syslog-facility syslog-format syslog-tls-ca-cert syslog-tls-cert syslog-tls-key
        syslog-tls-skip-verify
    """,
    "gelf": f"""
        {_COMMON} gelf-address gelf-compression-level gelf-compression-type gelf-tcp-max-reconnect
        gelf-tcp-reconnect-delay
    """,
    "fluentd": f"""
        {_COMMON} fluentd-address fluentd-async fluentd-async-connect fluentd-buffer-limit fluentd-max-retries
        fluentd-request-ack fluentd-retry-wait fluentd-sub-second-precision
    """,
    "awslogs": """
        tag awslogs-create-group awslogs-credentials-endpoint awslogs-datetime-format awslogs-endpoint
        awslogs-force-flush-interval-seconds awslogs-group awslogs-max-buffered-events awslogs-multiline-pattern
        awslogs-region awslogs-stream
    """,
    "splunk": f"""
        {_COMMON} splunk-caname splunk-capath splunk-format splunk-gzip splunk-gzip-level splunk-index
        splunk-index-acknowledgment splunk-insecureskipverify splunk-source splunk-sourcetype splunk-token splunk-url
        splunk-verify-connection
    """,
    "gcplogs": f"{_COMMON} gcp-log-cmd gcp-meta-id gcp-meta-name gcp-meta-zone gcp-project",
    "logentries": f"{_COMMON} line-only logentries-token",
}
#: What every driver knows.
EVERYWHERE = frozenset({"mode", "max-buffer-size"})


def verify(log: LogConfig) -> None:
    """Refuse a driver or an option that there is not. Raises InvalidParameter."""
    driver, options = log.driver or DEFAULT, log.options
    if driver == "none":
        return
    if driver not in OPTIONS:
        raise errors.no_such_log_driver(driver)
    mode = options.get("mode", "")
    if mode not in ("", "blocking", "non-blocking"):
        raise errors.unsupported_log_mode(mode)
    if "max-buffer-size" in options and mode != "non-blocking":
        raise errors.log_buffer_without_mode()
    unknown = options.keys() - EVERYWHERE - set(OPTIONS[driver].split())
    if unknown:
        raise errors.unknown_log_option(driver, min(unknown))
