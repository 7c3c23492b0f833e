package dev.ternion.conformance;

import dev.ternion.backend.Device;
import dev.ternion.tensor.Compare;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Variable;
import dev.ternion.tensor.ops.Attention;
import dev.ternion.tensor.ops.AttentionContext;
import dev.ternion.tensor.ops.AttentionScores;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.LossSlot;
import dev.ternion.tensor.ops.Quantize;
import dev.ternion.tensor.ops.ScoreLoss;
import dev.ternion.tensor.ops.ScoreMap;
import dev.ternion.tensor.ops.ScoreMseLoss;
import dev.ternion.tensor.ops.Softmax;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Attention with whole maps and without: context, loss and gradients must be the same bytes. */
final class AttentionPaths {
    /** Lengths around a tile's and head sizes that are no multiples. */
    static final Size EDGES =
            new Size("edges", 1, 1, 2, 20, new int[] {1, 31, 33, 64, 40}, new int[] {1, 31, 33, 64, 7});
    /** Columns beyond two tiles; one head; sequences longer than the rows made at a time. */
    static final Size WIDE = new Size("wide", 1, 1, 1, 80, new int[] {70, 3}, new int[] {65, 3});

    /**
     * One comparison.
     *
     * @param bits of probabilities; 0: everything REAL
     * @param odd a value put into queries and the teacher's operands, or 1: none
     */
    record Case(Size size, int bits, double clip, double dropout, boolean teacherMap, boolean loss, double odd) {}

    private AttentionPaths() {}

    static Stream<Case> cases(Size... sizes) {
        return Arrays.stream(sizes)
                .flatMap(size -> Stream.concat(
                        IntStream.rangeClosed(2, 8).mapToObj(bits -> new Case(size, bits, 2.5, 0.3, false, true, 1)),
                        Stream.of(
                                new Case(size, 8, 2.5, 0, false, true, 1),
                                new Case(size, 8, 0.1, 0.3, false, false, 1),
                                new Case(size, 8, 2.5, 0.3, true, true, 1),
                                new Case(size, 0, 0, 0.3, false, true, 1),
                                new Case(size, 0, 0, 0, true, false, 1),
                                new Case(size, 8, 2.5, 0.3, false, true, Double.NaN),
                                new Case(size, 8, 2.5, 0.6, true, false, Double.NaN),
                                new Case(size, 0, 0, 0, false, true, Double.POSITIVE_INFINITY))));
    }

    /** Both ways on one device. NaN cases compare the forward pass: a training stops there. */
    static void compare(Device device, Case c) {
        Map<String, double[]> whole = run(device, c, false), parts = run(device, c, true);
        boolean odd = c.odd != 1;
        for (String name : whole.keySet()) {
            if (odd && name.startsWith("d")) {
                continue;
            }
            double[] seen = parts.get(name), wanted = whole.get(name);
            Compare.sameBytes(c + " " + name, odd ? oneNan(seen) : seen, odd ? oneNan(wanted) : wanted);
        }
    }

    private static double[] oneNan(double[] values) {
        return Arrays.stream(values).map(v -> Double.isNaN(v) ? Double.NaN : v).toArray();
    }

    private static Map<String, double[]> run(Device device, Case c, boolean parts) {
        try (Fixture f = new Fixture(device, c.size, 7);
                Tape tape = Tape.on(device)) {
            Parameter q = leaf(f, "q"), k = leaf(f, "k"), v = leaf(f, "v");
            if (c.odd != 1) {
                putInto(device, q, c.odd);
            }
            Tensor teacherQ = teacher(f, c, "teacher q"), teacherK = teacher(f, c, "teacher k");
            SequenceLayout layout = f.layout();
            LossSlot slot = f.slot();
            Tensor context = parts
                    ? inParts(f, tape, c, List.of(q, k, v), teacherQ, teacherK, layout, slot)
                    : whole(f, tape, c, List.of(q, k, v), teacherQ, teacherK, layout, slot);
            double[] y = device.readDoubles(context.value());
            double[] dy = OpRun.seedGradient(y.length);
            tape.accumulate(context, (grad, add) -> device.writeDoubles(grad, dy));
            tape.backward();
            var results = new java.util.TreeMap<String, double[]>();
            results.put("context", y);
            if (c.loss) {
                results.put("loss", new double[] {f.loss()});
            }
            f.leaves.forEach((name, leaf) ->
                    results.put("d" + name, leaf.grad() == null ? null : device.readDoubles(leaf.grad())));
            f.leaves.values().forEach(Variable::clearGrad);
            return results;
        }
    }

    private static Parameter leaf(Fixture f, String name) {
        return f.leaf(
                name,
                Shape.of(f.size.rows(), f.size.width()),
                f.draws.clipped((long) f.size.rows() * f.size.width(), 2.5));
    }

    private static Tensor teacher(Fixture f, Case c, String name) {
        Tensor values = AttentionCases.teacher(f, name);
        if (c.odd != 1) {
            putInto(f.device, values, c.odd);
        }
        return values;
    }

    private static void putInto(Device device, Tensor x, double value) {
        double[] contents = device.readDoubles(x.value());
        contents[contents.length / 2] = value;
        device.writeDoubles(x.value(), contents);
    }

    private static Variable hat(Tape tape, Case c, Tensor x) {
        return c.bits == 0 ? x : Quantize.of(tape, x, false, 2.5, 8);
    }

    private static Tensor whole(
            Fixture f,
            Tape tape,
            Case c,
            List<Parameter> qkv,
            Tensor teacherQ,
            Tensor teacherK,
            SequenceLayout layout,
            LossSlot slot) {
        Tensor own = AttentionScores.of(tape, hat(tape, c, qkv.get(0)), hat(tape, c, qkv.get(1)), layout);
        Tensor wanted = AttentionScores.of(tape, teacherQ, teacherK, layout);
        Tensor map = Dropout.of(tape, Softmax.of(tape, c.teacherMap ? wanted : own, layout), f.mask(c.dropout));
        Variable codes = c.bits == 0 ? map : Quantize.of(tape, map, false, c.clip, c.bits);
        Tensor context = AttentionContext.of(tape, codes, hat(tape, c, qkv.get(2)), layout);
        if (c.loss) {
            ScoreMseLoss.of(tape, own, wanted, layout, 12.5, slot);
        }
        return context;
    }

    private static Tensor inParts(
            Fixture f,
            Tape tape,
            Case c,
            List<Parameter> qkv,
            Tensor teacherQ,
            Tensor teacherK,
            SequenceLayout layout,
            LossSlot slot) {
        ScoreMap own = ScoreMap.of(tape, hat(tape, c, qkv.get(0)), hat(tape, c, qkv.get(1)), layout);
        ScoreMap wanted = ScoreMap.of(tape, teacherQ, teacherK, layout);
        Attention.Rounding rounding = c.bits == 0 ? null : new Attention.Rounding(c.clip, c.bits);
        Tensor context =
                Attention.of(tape, c.teacherMap ? wanted : own, hat(tape, c, qkv.get(2)), f.mask(c.dropout), rounding);
        if (c.loss) {
            ScoreLoss.of(tape, own, wanted, 12.5, slot);
        }
        return context;
    }
}
