"""Job objects of Windows: what the system itself holds processes to. Elsewhere these functions do nothing.

https://learn.microsoft.com/windows/win32/procthread/job-objects
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _KILL_WHEN_CLOSED = 0x2000
    _PROCESS_MEMORY = 0x100
    _EXTENDED_LIMITS = 9

    class _Limits(ctypes.Structure):
        """JOBOBJECT_EXTENDED_LIMIT_INFORMATION, its inner structures written out."""

        _fields_ = (
            ("process_time", wintypes.LARGE_INTEGER),
            ("job_time", wintypes.LARGE_INTEGER),
            ("flags", wintypes.DWORD),
            ("least_working_set", ctypes.c_size_t),
            ("most_working_set", ctypes.c_size_t),
            ("most_processes", wintypes.DWORD),
            ("affinity", ctypes.c_size_t),
            ("priority", wintypes.DWORD),
            ("scheduling", wintypes.DWORD),
            ("counters", ctypes.c_ulonglong * 6),
            ("process_memory", ctypes.c_size_t),
            ("job_memory", ctypes.c_size_t),
            ("process_memory_peak", ctypes.c_size_t),
            ("job_memory_peak", ctypes.c_size_t),
        )

    def _kernel() -> ctypes.WinDLL:
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.CreateJobObjectW.argtypes = [wintypes.LPVOID, wintypes.LPCWSTR]
        kernel.SetInformationJobObject.argtypes = [wintypes.HANDLE, ctypes.c_int, wintypes.LPVOID, wintypes.DWORD]
        kernel.AssignProcessToJobObject.argtypes = [wintypes.HANDLE, wintypes.HANDLE]
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        return kernel

    def _put_in_job(process: int | None, limits: _Limits) -> bool:
        """Hold a process (this one for None) to limits. The job's handle is the system's to close, when this process
        ends.
        """
        kernel = _kernel()
        job = kernel.CreateJobObjectW(None, None)
        if not job:
            return False
        set_ = kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
        return bool(set_ and kernel.AssignProcessToJobObject(job, process or kernel.GetCurrentProcess()))

    def end_with_this_process(handle: int) -> bool:
        """Let a process end when this one does, however that ends. Whether the system agreed."""
        return _put_in_job(handle, _Limits(flags=_KILL_WHEN_CLOSED))

    def limit_own_memory(most: int) -> bool:
        """Give this process at most `most` bytes of memory, for good. Whether the system agreed."""
        return _put_in_job(None, _Limits(flags=_PROCESS_MEMORY, process_memory=most))

else:

    def end_with_this_process(handle: int) -> bool:
        """Linux asks for this in the worker, and elsewhere the end of its input has to do."""
        return False

    def limit_own_memory(most: int) -> bool:
        """`resource` does this where it is."""
        return False
