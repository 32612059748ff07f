"""Compiles the component for this kind of machine, and loads it.

Only the child imports this: wasmtime is a library of 30 MB.
"""

import os
import platform
import tempfile
from pathlib import Path

from wasmtime import Config, Engine, WasmtimeError, _ffi
from wasmtime.component import Component

COMPONENT = "python.wasm"
LAMBDA_TARGET = "x86_64-unknown-linux-gnu"

WASM_STACK_BYTES = 32 << 20
"""Wasmtime's default of 512 KiB is too little for CPython's parser and nested data."""


def new_engine(target: str | None = None) -> Engine:
    """Return an engine; its settings must be the same to compile and to load.

    Args:
        target: the kind of machine to compile for; by default this very machine.
    """
    config = Config()
    config.consume_fuel = True
    config.epoch_interruption = True
    # In this order: wasmtime aborts the process if a stack is larger than the one around it.
    _ffi.wasmtime_config_async_stack_size_set(config.ptr(), WASM_STACK_BYTES + (1 << 20))
    config.max_wasm_stack = WASM_STACK_BYTES
    if target:
        config.target = target
    return Engine(config)


def compiled_path(image: Path) -> Path:
    """Return where the component compiled for this kind of machine is kept."""
    return image / f"{platform.machine()}-{platform.system()}.cwasm".lower()


def compile_component(image: Path) -> Path:
    """Compile the component ahead, and keep the result beside it.

    On x86-64 Linux it takes no feature of the processor for granted, so that it runs on every one.

    Args:
        image: the folder of the component.

    Returns:
        The compiled component, whole.
    """
    path = compiled_path(image)
    lambda_like = path.name == "x86_64-linux.cwasm"
    engine = new_engine(LAMBDA_TARGET if lambda_like else None)
    compiled = Component(engine, (image / COMPONENT).read_bytes()).serialize()
    with tempfile.NamedTemporaryFile(dir=image, delete_on_close=False) as file:
        file.write(compiled)
        file.close()
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)
    return path


def load_component(engine: Engine, image: Path) -> Component:
    """Load the compiled component; compile it first if nobody has.

    Raises:
        OSError: there is no component, or its folder can't be written.
        WasmtimeError: it is damaged.
    """
    path = compiled_path(image)
    try:
        return Component.deserialize_file(engine, os.fspath(path))
    except WasmtimeError:
        if not (image / COMPONENT).exists():
            raise
    return Component.deserialize_file(engine, os.fspath(compile_component(image)))
