"""Signals that mean the whole program, and that a worker therefore leaves to its host.

Ctrl+C in a terminal, the end of a session and of a service reach host and workers alike. The host alone decides what
ends, and when: a worker that ended of such a signal beforehand would look crashed.
"""

from __future__ import annotations

import signal

HOSTS_SIGNALS = frozenset(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
)
"""Blocked by the launcher while it starts a worker, which inherits that, and ignored by the worker from then on: there
is no moment in which one could end it."""
