"""A computation as a circuit: every value, every derivative, every share; and its picture."""

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

import coursekit as ck
from coursekit import ops
from coursekit.autograd.graph import record
from coursekit.viz.layered import Edge, arrange
from coursekit.viz.themes import contrast, theme

RNG = np.random.default_rng(0)
X = RNG.standard_normal((8, 2))
Y = np.eye(2)[RNG.integers(0, 2, 8)]


def classic(x, y, z):
    return (x + y) * z


def diamond(x):
    return np.sin(x) * np.exp(x) + x * x


def chain(x):
    for _ in range(12):
        x = np.tanh(x) * 1.5
    return x


def loss(W1, b1, W2, b2):
    return ops.softmax_cross_entropy(np.tanh(X @ W1 + b1) @ W2 + b2, Y)


WEIGHTS = (RNG.standard_normal((2, 3)), np.zeros(3), RNG.standard_normal((3, 2)), np.zeros(2))
NET = ck.MLP([2, 3, 2], activation="tanh")


def net_loss(theta):
    return ops.softmax_cross_entropy(NET(theta, X), Y)


THETA = NET.init(rng=0).astype(float)
EXAMPLES = {
    "classic": (classic, -2.0, 5.0, -4.0),
    "diamond": (diamond, 1.3),
    "chain": (chain, 0.7),
    "loss": (loss, *WEIGHTS),
    "net": (net_loss, THETA),
    "index": (lambda x: (x[0] - 1) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, np.array([-1.0, 2.0])),
    "broadcast": (lambda x, b: ((x + b) / x.sum(axis=0)).mean(), X + 5, np.ones(2)),
}


def by_name(circuit):
    return {gate.name: gate for gate in circuit.gates}


def test_the_classic_example():
    gates = by_name(record(*EXAMPLES["classic"]))
    assert {name: float(g.value) for name, g in gates.items()} == {
        "x": -2, "y": 5, "z": -4, "+": 3, "×": -12,
    }  # fmt: skip
    assert {name: float(g.grad) for name, g in gates.items()} == {
        "x": -4, "y": -4, "z": 3, "+": -4, "×": 1,
    }  # fmt: skip
    assert [w.source.name for w in gates["×"].wires] == ["+", "z"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_inputs_have_the_gradients_of_grad(name):
    f, *inputs = EXAMPLES[name]
    circuit = record(f, *inputs)
    grads = ck.grad(f, argnums=tuple(range(len(inputs))))(*inputs)
    assert float(circuit.output.value) == float(f(*inputs))
    for gate, g in zip(circuit.inputs, grads, strict=True):
        np.testing.assert_allclose(gate.grad, g, rtol=1e-12)


@pytest.mark.parametrize("name", EXAMPLES)
def test_shares_add_up_and_wires_point_forward(name):
    circuit = record(*EXAMPLES[name])
    total = {}
    for i, gate in enumerate(circuit.gates):
        for wire in gate.wires:
            assert circuit.gates.index(wire.source) < i
            if wire.grad is not None:
                assert np.shape(wire.grad) == np.shape(wire.source.value)
                total[wire.source] = total.get(wire.source, 0) + wire.grad
    for gate, shares in total.items():
        np.testing.assert_allclose(gate.grad, shares, rtol=1e-12)


def test_an_intermediate_gradient_is_that_of_the_rest():
    circuit = record(diamond, 1.3)
    sine = by_name(circuit)["sin"]
    rest = ck.grad(lambda s: s * np.exp(1.3) + 1.3**2)(float(sine.value))
    assert float(sine.grad) == pytest.approx(float(rest), rel=1e-14)


def test_both_wires_of_a_square_carry_half():
    square = record(lambda x: x * x, 3.0).output
    assert [float(w.grad) for w in square.wires] == [3.0, 3.0]
    assert float(square.wires[0].source.grad) == 6.0


@pytest.mark.parametrize(
    "f, names",
    [
        (lambda x: x + 1, ["+ 1"]),
        (lambda x: 3 - x, ["3 −"]),
        (lambda x: 2 * x, ["× 2"]),
        (lambda x: x / 4, ["÷ 4"]),
        (lambda x: 1 / x, ["1 ÷"]),
        (lambda x: x**3, ["( )³"]),
        (lambda x: x**0.5, ["( )^0.5"]),
        (lambda x: 2**x, ["2^( )"]),
        (lambda x: -np.tanh(x), ["tanh", "−( )"]),
        (lambda x: x - np.exp(x), ["exp", "−"]),
    ],
)
def test_gates_are_named_as_written(f, names):
    assert [g.name for g in record(f, 2.0).gates if g.kind == "gate"] == names


def test_arrays_are_named_by_their_variables():
    arrays = [gate for gate in record(loss, *WEIGHTS).gates if gate.kind == "array"]
    assert [gate.name for gate in arrays] == ["X", "Y"]
    assert [gate.grad for gate in arrays] == [None, None]


def test_the_parts_of_theta_are_named_by_the_layout():
    parts = [g for g in record(net_loss, THETA).gates if g.kind == "part"]
    assert [g.name for g in parts] == [b.name for b in NET.layout.blocks]
    assert [g.grad.shape for g in parts] == [b.shape for b in NET.layout.blocks]


def test_what_the_answer_does_not_need_is_left_out():
    def wasteful(x, y):
        _ = np.exp(x) * y
        return x * 2

    circuit = record(wasteful, 1.0, 2.0)
    assert [g.name for g in circuit.gates] == ["x", "y", "× 2"]
    assert float(circuit.inputs[1].grad) == 0


def test_a_gradient_can_itself_be_drawn():
    slope = ck.grad(lambda x: x**3)
    circuit = record(slope, 2.0)
    assert (float(circuit.output.value), float(circuit.inputs[0].grad)) == (12.0, 12.0)


@pytest.mark.parametrize(
    "f, inputs, error, words",
    [
        (3.0, (1.0,), TypeError, "needs a function"),
        (classic, (), TypeError, "needs the inputs"),
        (lambda x: x, (np.ones(3),), ValueError, "one number"),
        (lambda x: None, (1.0,), ValueError, "one number"),
        (lambda x: (x, x), (1.0,), ValueError, "one number"),
        (lambda x: 2.0, (1.0,), ValueError, "does not depend"),
        (lambda x: sum(x**k for k in range(99)), (0.5,), ValueError, "more than 80"),
        (classic, ("x", 1.0, 2.0), TypeError, "real array"),
    ],
)
def test_refusals(f, inputs, error, words):
    with pytest.raises(error, match=words):
        ck.draw_graph(f, *inputs)


# --- the picture ---------------------------------------------------------------------------------
@pytest.mark.parametrize("name", EXAMPLES)
def test_pictures(name, tmp_path):
    graph = ck.draw_graph(*EXAMPLES[name])
    root = ET.fromstring(graph.svg)
    assert root.get("role") == "img" and root.get("aria-label") == graph.alt
    image = Image.open(io.BytesIO(graph.png()))
    width, height = graph.figure.get_size_inches()
    assert image.size == pytest.approx((192 * width, 192 * height), abs=1.5)
    assert graph.save(tmp_path / "a.svg").read_text(encoding="utf-8") == graph.svg
    assert graph.save(tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_overlaps_and_nothing_is_cut(name):
    figure = ck.draw_graph(*EXAMPLES[name]).figure
    figure.canvas.draw()
    boxes = [t.get_window_extent() for t in figure.axes[0].texts if t.get_text().strip()]
    for i, a in enumerate(boxes):
        assert a.x0 >= 0 and a.y0 >= 0
        assert a.x1 <= figure.bbox.width and a.y1 <= figure.bbox.height
        for b in boxes[:i]:
            across = min(a.x1, b.x1) - max(a.x0, b.x0)
            up = min(a.y1, b.y1) - max(a.y0, b.y0)
            assert across < 1 or up < 1.5, "two labels overlap"


def test_values_stand_above_and_gradients_below():
    texts = ck.draw_graph(*EXAMPLES["classic"]).figure.axes[0].texts
    height = {t.get_text(): t.get_position()[1] for t in texts}
    assert height["5"] > height["y"] and height["−12"] > height["1"]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_every_colour_can_be_read(name):
    look = theme(name)
    graph = ck.draw_graph(*EXAMPLES["loss"], theme=name)
    from matplotlib.colors import to_hex

    assert to_hex(graph.figure.get_facecolor()).upper() == look.paper
    for text in graph.figure.axes[0].texts:
        assert contrast(to_hex(text.get_color()), look.paper) >= 4.5


def test_projector_type_is_larger():
    small, large = (ck.draw_graph(classic, -2.0, 5.0, -4.0, projector=p) for p in (False, True))
    assert large.figure.get_size_inches()[0] > 1.3 * small.figure.get_size_inches()[0]


def test_words_and_notebook():
    graph = ck.draw_graph(*EXAMPLES["classic"])
    assert graph.alt == (
        "Circuit of classic with 2 gates, + and ×. Forward: from x = -2, y = 5 and z = -4 to -12. "
        "Backward: the gradients are x -4, y -4 and z 3."
    )
    data, metadata = graph._repr_mimebundle_()
    assert set(data) == {"image/svg+xml", "image/png", "text/plain"}
    assert metadata["image/png"]["alt"] == graph.alt
    assert ck.draw_graph(*EXAMPLES["classic"]).svg == graph.svg  # nothing random in it
    with pytest.raises(ValueError, match="svg or"):
        graph.save("circuit.pdf")


# --- the arrangement -----------------------------------------------------------------------------
def test_a_chain_is_straight():
    found = arrange([10] * 4, [Edge(0, 1), Edge(1, 2), Edge(2, 3)])
    assert found.column == [0, 1, 2, 3]
    assert np.ptp(found.y) < 1e-9


def test_arguments_keep_their_order_and_their_distance():
    found = arrange([10] * 4, [Edge(0, 3, 5), Edge(1, 3, 0), Edge(2, 3, -5)])
    assert found.y[0] - found.y[1] >= 10 - 1e-9 and found.y[1] - found.y[2] >= 10 - 1e-9


def test_crossings_that_can_be_avoided_are():
    found = arrange([10] * 4, [Edge(0, 3), Edge(1, 2)])
    assert (found.y[0] - found.y[1]) * (found.y[3] - found.y[2]) > 0


def test_sweeps_undo_a_crossing_that_a_walk_from_the_output_leaves():
    edges = [Edge(*pair) for pair in [(0, 1), (0, 3), (1, 4), (1, 5), (3, 5)]]
    y = arrange([10] * 6, edges).y
    assert (y[1] - y[3]) * (y[4] - y[5]) > 0


def test_a_long_wire_passes_beside_the_boxes():
    found = arrange([10] * 3, [Edge(0, 1), Edge(1, 2, 3), Edge(0, 2, -3)], pass_height=4)
    (way,) = found.through[2]
    assert abs(way - found.y[1]) >= 7 - 1e-9
