"""Gives a guest bytes. wasmtime's Python converts a list one by one, at a microsecond a byte.

Only the child imports this. A new `random.Random` asks for 2,496 random bytes.
"""

import ctypes
from collections.abc import Callable
from ctypes import byref, memmove, sizeof
from typing import Any

from wasmtime import StoreContext, WasmtimeError, _ffi
from wasmtime.component import LinkerInstance
from wasmtime.component._enter import catch_exceptions

_Value = _ffi.wasmtime_component_val_t
_NO_FINALIZER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(0)


def _byte(number: int) -> bytes:
    value = _Value(kind=_ffi.WASMTIME_COMPONENT_U8)
    value.of.u8 = number
    return bytes(value)


_BYTES = [_byte(number) for number in range(256)]


def add_bytes_function(
    instance: LinkerInstance, name: str, function: Callable[[StoreContext, int], bytes]
) -> object:
    """Add a function of type ``func(len: u64) -> list<u8>``.

    Args:
        instance: the instance that has it.
        name: its name there.
        function: returns as many bytes, or raises a WasmtimeError.

    Returns:
        What must be kept as long as the linker.
    """

    @_ffi.wasmtime_component_func_callback_t  # type: ignore[untyped-decorator]
    def call(*given: Any) -> int:  # noqa: ANN401
        _data, context, _type, arguments, _count, results, _results = given

        def give(store: StoreContext) -> None:
            data = function(store, arguments[0].of.u64)
            items = _ffi.wasmtime_component_vallist_t()
            _ffi.wasmtime_component_vallist_new_uninit(byref(items), len(data))
            memmove(items.data, b"".join(map(_BYTES.__getitem__, data)), len(data) * sizeof(_Value))
            results[0].kind = _ffi.WASMTIME_COMPONENT_LIST
            results[0].of.list = items

        status: int = catch_exceptions(context, give)
        return status

    text = name.encode()
    error = _ffi.wasmtime_component_linker_instance_add_func(
        instance.ptr(), ctypes.create_string_buffer(text), len(text), call, None, _NO_FINALIZER
    )
    if error:
        raise WasmtimeError._from_ptr(error)  # noqa: SLF001
    return call
