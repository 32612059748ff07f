"""Runs a program in a new instance of the component, and stops it at its limits.

Only the child imports this. It is the whole of what the guest can reach: see world.wit.
"""

import ctypes
import mmap
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Never

from wasmtime import ExitTrap, Store, StoreContext, WasiConfig, WasmtimeError, _ffi
from wasmtime.component import Linker, LinkerInstance, Record

from sandbox.byte_lists import add_bytes_function
from sandbox.engine import load_component, new_engine
from sandbox.linear_memory import LinearMemory
from sandbox.outcome import FUEL_PER_SECOND, WALL_CLOCK_START, End, Limits, Outcome

_TICK_SECONDS = 0.01
_DETAIL_CHARACTERS = 200
_NANOSECONDS = 1_000_000_000
_CALL_FUEL = 100_000
"""For a call of a function here. It takes the host time, but the guest few instructions."""
_DATETIME_FUEL = 4 * _CALL_FUEL
_RANDOM_BYTE_FUEL = 1_000
_LARGEST_RANDOM = 4096
"""Bytes. The guest's library asks for 256 at once."""
_WASI_VERSION = "0.2.9"
"""The version that componentize-py's CPython imports."""

# wasmtime/store.h: the callback returns an error to stop the program, or a new deadline.
_AtTick = ctypes.CFUNCTYPE(
    ctypes.c_size_t,
    ctypes.POINTER(_ffi.wasmtime_context_t),
    ctypes.c_void_p,
    ctypes.POINTER(ctypes.c_uint64),
    ctypes.POINTER(_ffi.wasmtime_update_deadline_kind_t),
)
_CONTINUE = 0  # WASMTIME_UPDATE_DEADLINE_CONTINUE
_NO_FINALIZER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(0)


class _Run:
    """What is known of the program that is running."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.end: End | None = None
        self.status: int | None = None
        self.slept_nanoseconds = 0
        self.owed_fuel = 0
        """For writes: wasmtime reports them from other threads, without the store and its fuel."""
        self.random = random.Random(0)  # noqa: S311 - the same in each run
        self.stdout, self.stderr = bytearray(), bytearray()
        self._started = time.monotonic()
        self._cpu_started = time.process_time()

    @property
    def cpu_seconds(self) -> float:
        """Processor time of this process, because output is written by threads of wasmtime."""
        return time.process_time() - self._cpu_started

    @property
    def wall_seconds(self) -> float:
        """Time since the start."""
        return time.monotonic() - self._started

    def nanoseconds(self, used_fuel: int) -> int:
        """Return the time by the program's own clocks: its fuel's, and what it slept."""
        return used_fuel * _NANOSECONDS // FUEL_PER_SECOND + self.slept_nanoseconds

    def is_over(self) -> bool:
        """Return whether the program must stop, and remember why."""
        if self.end is None and self.wall_seconds > self.limits.wall_seconds:
            self.end = End.WALL
        if self.end is None and self.cpu_seconds > self.limits.cpu_seconds:
            self.end = End.CPU
        return self.end is not None


class Host:
    """Runs one program at a time, on a thread whose stack is larger than the guest's."""

    def __init__(self, image: Path) -> None:
        """Load the component.

        Args:
            image: its folder.
        """
        self._engine = new_engine()
        self._component = load_component(self._engine, image)
        self._linker = self._new_linker()
        self._memory = LinearMemory()
        self._run = _Run(Limits())
        # Kept here because a store keeps only its address.
        self._at_tick = _AtTick(self._check)
        self._ticking = threading.Event()
        threading.Thread(target=self._tick, daemon=True).start()

    def run(
        self,
        program: bytes,
        files: Mapping[str, bytes],
        argv: Sequence[str],
        stdin: bytes,
        limits: Limits,
    ) -> Outcome:
        """Run a program; see `Sandbox.run`.

        Raises:
            Exception: the sandbox is broken.
        """
        _require_memory(limits.memory_bytes)
        run = self._run = _Run(limits)
        detail = ""
        with closing(self._new_store(run, stdin)) as store, self._ticks():
            instance = self._linker.instantiate(store, self._component)
            function = instance.get_func(store, "run")
            arguments = (_text(program), [_file(*item) for item in files.items()], list(argv))
            try:
                report = function(store, *arguments)
                run.status = report.status
                if report.exhausted:
                    run.end = run.end or End.MEMORY
            except ExitTrap as trap:
                run.status = trap.code & 0xFF
            except WasmtimeError as error:
                # Else frame and error keep each other, and their memory, until Python looks.
                error.__traceback__ = None
                detail = str(error).strip().rpartition("\n")[2].strip()[:_DETAIL_CHARACTERS]
            fuel_left = store.get_fuel() - run.owed_fuel
            memory_bytes = self._memory.size()
        end = run.end
        if fuel_left < 0 and end in {None, End.MEMORY}:
            end = End.FUEL
        if end is None and run.status is not None:
            end = End.FAILED if run.status else End.EXITED
        elif end is None:
            end = End.TRAPPED if fuel_left else End.FUEL
        return Outcome(
            end=end,
            status=run.status if end in {End.EXITED, End.FAILED, End.MEMORY} else None,
            stdout=bytes(run.stdout),
            stderr=bytes(run.stderr),
            fuel=limits.fuel - max(fuel_left, 0),
            memory_bytes=memory_bytes,
            cpu_seconds=run.cpu_seconds,
            wall_seconds=run.wall_seconds,
            detail=detail if end == End.TRAPPED else "",
        )

    def _new_store(self, run: _Run, stdin: bytes) -> Store:
        store = Store(self._engine)
        store.set_limits(memory_size=run.limits.memory_bytes)
        store.set_fuel(run.limits.fuel)
        store.set_epoch_deadline(1)
        _ffi.wasmtime_store_epoch_deadline_callback(store.ptr(), self._at_tick, None, _NO_FINALIZER)
        wasi = WasiConfig()  # no arguments, environment, folders
        _ffi.wasi_config_set_stdin_bytes(wasi.ptr(), ctypes.byref(_ffi.bytes_to_capi(stdin)))
        wasi.stdout_custom = self._writer(run, run.stdout)
        wasi.stderr_custom = self._writer(run, run.stderr)
        store.set_wasi(wasi)
        return store

    def _writer(self, run: _Run, output: bytearray) -> Callable[[bytes], int]:
        def write(data: bytes) -> int:
            room = run.limits.output_bytes - len(output)
            output.extend(data[:room])
            run.owed_fuel += _CALL_FUEL
            if len(data) > room:
                run.end = run.end or End.OUTPUT
            elif run.owed_fuel > run.limits.fuel:
                run.end = run.end or End.FUEL
            if run.end:
                self._engine.increment_epoch()
            # No error: how soon the guest learns of one is up to wasmtime's threads.
            return len(data)

        return write

    def _new_linker(self) -> Linker:
        """Return what the guest can import: WASI, and our own functions.

        Of WASI, what waits or reaches out is refused, and what differs from run to run is ours.
        """
        linker = Linker(self._engine)
        linker.allow_shadowing = True
        linker.add_wasip2()
        with linker.root() as root:
            root.add_func("sleep", self._sleep)
            root.add_func("exit", self._exit)
            # An instance is replaced as a whole, so each has all of its functions.
            _replace(
                root,
                "clocks/monotonic-clock",
                {
                    "now": self._monotonic,
                    "resolution": lambda _: 1,
                    "subscribe-instant": _refuse,
                    "subscribe-duration": _refuse,
                },
            )
            _replace(
                root,
                "clocks/wall-clock",
                {
                    "now": self._wall_clock,
                    "resolution": lambda _: _datetime(0, 1),
                },
            )
            with root.add_instance(f"wasi:random/random@{_WASI_VERSION}") as instance:
                instance.add_func("get-random-u64", self._random_number)
                self._random_function = add_bytes_function(
                    instance, "get-random-bytes", self._random_bytes
                )
            _replace(root, "sockets/tcp-create-socket", {"create-tcp-socket": _refuse})
            _replace(root, "sockets/udp-create-socket", {"create-udp-socket": _refuse})
        return linker

    def _monotonic(self, store: StoreContext) -> int:
        return self._run.nanoseconds(self._take_fuel(store, _CALL_FUEL))

    def _wall_clock(self, store: StoreContext) -> Record:
        used = self._take_fuel(store, _DATETIME_FUEL)
        return _datetime(WALL_CLOCK_START, self._run.nanoseconds(used))

    def _random_bytes(self, store: StoreContext, count: int) -> bytes:
        self._take_fuel(store, _CALL_FUEL + count * _RANDOM_BYTE_FUEL)
        if count > _LARGEST_RANDOM:
            raise WasmtimeError("too many random bytes at once")
        return self._run.random.randbytes(count)

    def _random_number(self, store: StoreContext) -> int:
        self._take_fuel(store, _CALL_FUEL)
        return self._run.random.getrandbits(64)

    def _sleep(self, store: StoreContext, nanoseconds: int) -> None:
        run = self._run
        self._take_fuel(store, _CALL_FUEL)
        run.slept_nanoseconds += nanoseconds
        if run.slept_nanoseconds > run.limits.sleep_seconds * _NANOSECONDS:
            run.end = run.end or End.SLEPT
            raise WasmtimeError("stopped")

    def _take_fuel(self, store: StoreContext, fuel: int) -> int:
        """Take fuel for a call, and what is owed; return how much the program has used."""
        run = self._run
        # A context has no such methods, and these need no more than a context.
        left: int = Store.get_fuel(store) - run.owed_fuel - fuel
        run.owed_fuel = 0
        Store.set_fuel(store, max(left, 0))
        if left < 0:
            raise WasmtimeError("out of fuel")
        return run.limits.fuel - left

    def _exit(self, _: object, status: int) -> Never:
        self._run.status = status
        raise WasmtimeError("exited")

    def _check(self, _context: object, _data: object, delta: Any, kind: Any) -> int:  # noqa: ANN401
        delta[0] = 1
        kind[0] = _CONTINUE
        if not self._run.is_over():
            return 0
        error = WasmtimeError("stopped")._consume()  # noqa: SLF001
        return ctypes.cast(error, ctypes.c_void_p).value or 0

    @contextmanager
    def _ticks(self) -> Iterator[None]:
        self._ticking.set()
        try:
            yield
        finally:
            self._ticking.clear()

    def _tick(self) -> None:
        while self._ticking.wait():
            time.sleep(_TICK_SECONDS)
            self._engine.increment_epoch()


def _replace(root: LinkerInstance, name: str, functions: Mapping[str, Callable[..., Any]]) -> None:
    with root.add_instance(f"wasi:{name}@{_WASI_VERSION}") as instance:
        for function, implementation in functions.items():
            instance.add_func(function, implementation)


def _refuse(*_: object) -> Never:
    raise WasmtimeError("not in the sandbox")


def _text(data: bytes) -> str:
    """Return bytes as world.wit has them."""
    return data.decode("latin-1")


def _file(name: str, data: bytes) -> Record:
    file = Record()
    file.name, file.text = name, _text(data)
    return file


def _datetime(seconds: int, nanoseconds: int) -> Record:
    datetime = Record()
    more, datetime.nanoseconds = divmod(nanoseconds, _NANOSECONDS)
    datetime.seconds = seconds + more
    return datetime


def _require_memory(size: int) -> None:
    """Raise an OSError if the machine can't give a program the memory that it may have.

    Else its own request would fail, and look as if it had reached its limit.
    """
    mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
