"""FFDNet in ncnn's form computes what it was trained to compute."""

from __future__ import annotations

import hashlib
import io
import pickle
import struct
import sys
import types
from collections import OrderedDict
from pathlib import Path
from typing import Any

import ffdnet
import model_list
import ncnn
import numpy as np
import pytest
from numpy.typing import NDArray

from enhance_gui.core.services.model_files import find_model

Floats = NDArray[np.float32]

SHAPES = [(96, 13, 3, 3), *[(96, 96, 3, 3)] * 10, (12, 96, 3, 3)]


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Return what a file of PyTorch names, for the test to write one."""
    torch = types.ModuleType("torch")
    utils = types.ModuleType("torch._utils")

    def _rebuild_tensor_v2() -> None:
        raise AssertionError("only named")

    _rebuild_tensor_v2.__module__ = utils.__name__
    _rebuild_tensor_v2.__qualname__ = _rebuild_tensor_v2.__name__
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2  # type: ignore[attr-defined]
    torch.FloatStorage = type("FloatStorage", (), {"__module__": "torch"})  # type: ignore[attr-defined]
    torch._utils = utils  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    return torch


def test_the_converted_net_computes_what_the_tensors_say(
    torch: types.ModuleType, tmp_path: Path
) -> None:
    random = np.random.default_rng(5)
    layers = []
    for shape in SHAPES:
        # So that numbers neither grow nor fade on their way, and half precision holds them.
        spread = (2 / np.prod(shape[1:])) ** 0.5
        kernel = random.normal(0, spread, shape).astype(np.float16).astype(np.float32)
        layers.append((kernel, random.normal(0, 0.1, shape[0]).astype(np.float32)))
    file = torch_file(torch, layers)
    picture = random.random((3, 6, 10), dtype=np.float32)
    noise = np.full((1, 3, 5), 25 / 255, np.float32)
    found = run(ffdnet.describe(), ffdnet.weights(file), tmp_path, picture, noise)
    assert found.shape == picture.shape
    np.testing.assert_allclose(found, reference(layers, picture, noise), atol=0.02)


@pytest.mark.skipif(find_model("ffdnet-color.bin") is None, reason="the net is not here")
def test_the_real_net_takes_noise_out_of_a_photograph() -> None:
    data = pytest.importorskip("skimage.data")
    clean = np.moveaxis(data.astronaut()[100:228, 150:278], 2, 0).astype(np.float32) / 255
    random = np.random.default_rng(5)
    noisy = clean + random.normal(0, 25 / 255, clean.shape).astype(np.float32)
    noise = np.full((1, 64, 64), 25 / 255, np.float32)
    layers, weights = find_model("ffdnet-color.param"), find_model("ffdnet-color.bin")
    assert layers is not None
    assert weights is not None
    found = computed(layers, weights, noisy, noise)
    assert psnr(found, clean) > psnr(noisy, clean) + 8


@pytest.mark.parametrize("source", model_list.ALL, ids=lambda source: source.package)
def test_the_nets_that_are_here_are_those_that_were_tried(source: model_list.Source) -> None:
    paths = {model.sha256: find_model(model.name) for model in source.models}
    for digest, path in paths.items():
        if path is None:
            pytest.skip("the nets are not here")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "ran",)

    parts: tuple[object, ...] = (0x1950A86A20F9469CFC6C, 1001, {}, Evil(), [])
    file = b"".join(map(pickle.dumps, parts))
    with pytest.raises(ValueError, match="must not hold"):
        ffdnet.weights(file)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("file", [b"", b"PK\x03\x04", pickle.dumps(1) * 5])
def test_another_file_is_refused(file: bytes) -> None:
    with pytest.raises(ValueError, match="not a file of PyTorch's tensors"):
        ffdnet.weights(file)


def torch_file(torch: types.ModuleType, layers: list[tuple[Floats, Floats]]) -> bytes:
    """Return a file as ``torch.save`` of before 1.6 writes it."""
    tensors = OrderedDict(
        (f"model.{2 * index}.{name}", Tensor(torch, values))
        for index, layer in enumerate(layers)
        for name, values in zip(("weight", "bias"), layer, strict=True)
    )
    stream = io.BytesIO()
    for head in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
        pickle.dump(head, stream, protocol=2)
    TensorPickler(stream, protocol=2).dump(tensors)
    # Not in the order of the layers.
    stored = sorted(tensors.values(), key=lambda tensor: tensor.key)
    pickle.dump([tensor.key for tensor in stored], stream, protocol=2)
    for tensor in stored:
        stream.write(struct.pack("<q", tensor.values.size) + tensor.values.tobytes())
    return stream.getvalue()


class Tensor:
    def __init__(self, torch: types.ModuleType, values: Floats) -> None:
        self.torch, self.values, self.key = torch, values, str(id(values))

    def __reduce__(self) -> tuple[Any, ...]:
        strides = tuple(stride // 4 for stride in self.values.strides)
        facts: tuple[Any, ...] = (0, self.values.shape, strides, False, OrderedDict())
        return self.torch._utils._rebuild_tensor_v2, (Storage(self), *facts)


class Storage:
    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


class TensorPickler(pickle.Pickler):
    def persistent_id(self, thing: object) -> tuple[Any, ...] | None:
        if not isinstance(thing, Storage):
            return None
        tensor = thing.tensor
        return ("storage", tensor.torch.FloatStorage, tensor.key, "cpu", tensor.values.size, None)


def reference(layers: list[tuple[Floats, Floats]], picture: Floats, noise: Floats) -> Floats:
    """Return what the paper's net makes of a picture."""
    channels, height, width = picture.shape
    # The channel of colour c and the pixel (dy, dx) of four is 4 c + 2 dy + dx.
    cells = picture.reshape(channels, height // 2, 2, width // 2, 2)
    halved = cells.transpose(0, 2, 4, 1, 3).reshape(channels * 4, height // 2, width // 2)
    values = np.concatenate([halved, noise])
    for index, (kernel, bias) in enumerate(layers):
        padded = np.pad(values, ((0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
        values = np.einsum("ihwyx,oiyx->ohw", windows, kernel) + bias[:, None, None]
        if index < len(layers) - 1:
            values = np.maximum(values, 0)
    cells = values.reshape(channels, 2, 2, height // 2, width // 2)
    doubled: Floats = cells.transpose(0, 3, 1, 4, 2).reshape(picture.shape)
    return doubled


def run(layers: bytes, weights: bytes, folder: Path, picture: Floats, noise: Floats) -> Floats:
    (folder / "net.param").write_bytes(layers)
    (folder / "net.bin").write_bytes(weights)
    return computed(folder / "net.param", folder / "net.bin", picture, noise)


def computed(layers: Path, weights: Path, picture: Floats, noise: Floats) -> Floats:
    net = ncnn.Net()
    assert net.load_param(str(layers)) == 0
    assert net.load_model(str(weights)) == 0
    extractor = net.create_extractor()
    extractor.input("data", ncnn.Mat(picture).clone())
    extractor.input("noise", ncnn.Mat(noise).clone())
    failed, output = extractor.extract("output")
    assert failed == 0
    return np.array(output)


def psnr(found: Floats, clean: Floats) -> float:
    return float(-10 * np.log10(np.mean((found - clean) ** 2)))
