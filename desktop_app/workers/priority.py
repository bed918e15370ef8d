"""Leaving the processor to other programs that want it, by the means of the system."""

from __future__ import annotations

import importlib
import os
import sys
import threading

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _LOWEST = -2

    def sink_own_thread() -> None:
        """Give this thread the lowest priority that still runs beside a busy program; helpers of it keep theirs."""
        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentThread.restype = wintypes.HANDLE
        kernel.SetThreadPriority.argtypes = [wintypes.HANDLE, ctypes.c_int]
        kernel.SetThreadPriority(kernel.GetCurrentThread(), _LOWEST)

elif sys.platform == "darwin":
    import ctypes

    _UTILITY = 0x11
    """QOS_CLASS_UTILITY. The class below it gets slow cores only."""

    def sink_own_thread() -> None:
        """Give this thread a quality of service for work that nobody waits for; helpers of it keep theirs."""
        ctypes.CDLL(None).pthread_set_qos_class_self_np(_UTILITY, 0)

else:

    def sink_own_thread() -> None:
        """Give this thread the lowest priority, and those that it starts from now on."""
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)


def sink_own_process(niceness: int) -> None:
    """Lower this process's priority by `niceness`; on Windows, which has classes and no such number, by one class."""
    if hasattr(os, "nice"):
        os.nice(niceness)
        return
    psutil = importlib.import_module("psutil")
    psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
