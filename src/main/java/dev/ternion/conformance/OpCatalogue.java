package dev.ternion.conformance;

import static dev.ternion.conformance.OpCase.Kind.SMOOTH;
import static dev.ternion.conformance.OpCase.Products.BOTH;
import static dev.ternion.conformance.OpCase.Products.NONE;

import dev.ternion.backend.Block;
import dev.ternion.conformance.OpCase.Builder;
import dev.ternion.conformance.OpCase.Products;
import dev.ternion.tensor.Op;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.SequenceLayout;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.Add;
import dev.ternion.tensor.ops.AttentionContext;
import dev.ternion.tensor.ops.AttentionScores;
import dev.ternion.tensor.ops.CrossEntropyLoss;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.Embedding;
import dev.ternion.tensor.ops.Gelu;
import dev.ternion.tensor.ops.LayerNorm;
import dev.ternion.tensor.ops.Linear;
import dev.ternion.tensor.ops.LossSlot;
import dev.ternion.tensor.ops.MapKlLoss;
import dev.ternion.tensor.ops.MeanPool;
import dev.ternion.tensor.ops.MseLoss;
import dev.ternion.tensor.ops.Residual;
import dev.ternion.tensor.ops.ResidualNorm;
import dev.ternion.tensor.ops.ScoreMseLoss;
import dev.ternion.tensor.ops.SoftCrossEntropyLoss;
import dev.ternion.tensor.ops.Softmax;
import dev.ternion.tensor.ops.Tanh;
import java.util.List;
import java.util.stream.Stream;

/** Every operation once, with its variants. Conformance and the tests of all operations run over this list. */
final class OpCatalogue {
    private static final List<OpCase> SMOOTH_CASES = List.of(
            smooth("Add", Add.class, NONE, 1e-7, OpCatalogue::add),
            smooth("Residual", Residual.class, NONE, 1e-7, f -> residual(f, 0)),
            smooth("Residual with dropout", Residual.class, NONE, 2e-7, f -> residual(f, 0.3)),
            smooth("Dropout", Dropout.class, NONE, 2e-7, OpCatalogue::dropout),
            smooth("Embedding", Embedding.class, NONE, 5e-7, OpCatalogue::embedding),
            smooth("Gelu", Gelu.class, NONE, 3e-7, OpCatalogue::gelu),
            smooth("Tanh", Tanh.class, NONE, 3e-7, OpCatalogue::tanh),
            smooth("LayerNorm", LayerNorm.class, NONE, 1e-6, OpCatalogue::layerNorm),
            smooth("ResidualNorm", ResidualNorm.class, NONE, 1e-6, f -> residualNorm(f, 0)),
            smooth("ResidualNorm with dropout", ResidualNorm.class, NONE, 1e-6, f -> residualNorm(f, 0.3)),
            smooth("Linear", Linear.class, BOTH, 1e-6, f -> linear(f, false)),
            smooth("Linear in bf16", Linear.class, BOTH, 8e-3, f -> linear(f, true)),
            smooth("MeanPool", MeanPool.class, NONE, 5e-7, OpCatalogue::meanPool),
            smooth("AttentionScores", AttentionScores.class, BOTH, 1e-6, OpCatalogue::scores),
            smooth("AttentionContext", AttentionContext.class, BOTH, 1e-6, OpCatalogue::context),
            smooth("Softmax", Softmax.class, NONE, 1e-6, OpCatalogue::softmax),
            smooth("MseLoss", MseLoss.class, NONE, 3e-7, OpCatalogue::mse),
            smooth("ScoreMseLoss", ScoreMseLoss.class, NONE, 3e-7, OpCatalogue::scoreMse),
            smooth("MapKlLoss", MapKlLoss.class, NONE, 1e-6, OpCatalogue::mapKl),
            smooth("SoftCrossEntropyLoss", SoftCrossEntropyLoss.class, NONE, 1e-6, OpCatalogue::softCrossEntropy),
            smooth("CrossEntropyLoss", CrossEntropyLoss.class, NONE, 1e-6, OpCatalogue::crossEntropy));

    private OpCatalogue() {}

    static List<OpCase> all() {
        return Stream.of(SMOOTH_CASES, AttentionCases.REALS, QuantCases.ALL)
                .flatMap(List::stream)
                .toList();
    }

    private static OpCase smooth(
            String name, Class<? extends Op> op, Products products, double tolerance, Builder builder) {
        return new OpCase(name, op, SMOOTH, products, tolerance, builder);
    }

    private static Parameter matrix(Fixture f, String name) {
        return f.leaf(name, f.size.rows(), f.size.cols());
    }

    private static OpCase.Body add(Fixture f) {
        Parameter a = matrix(f, "a"), b = matrix(f, "b");
        return tape -> Add.of(tape, a, b);
    }

    private static OpCase.Body residual(Fixture f, double probability) {
        Parameter branch = matrix(f, "branch"), skip = matrix(f, "skip");
        Dropout.Mask mask = f.mask(probability);
        return tape -> Residual.of(tape, branch, skip, mask);
    }

    private static OpCase.Body dropout(Fixture f) {
        Parameter x = matrix(f, "x");
        Dropout.Mask mask = f.mask(0.3);
        return tape -> Dropout.of(tape, x, mask);
    }

    private static OpCase.Body embedding(Fixture f) {
        Parameter table = f.leaf("table", 5, f.size.cols());
        Block ids = f.ints(f.draws.ints(f.size.rows(), 5));
        return tape -> Embedding.of(tape, table, ids, f.size.rows());
    }

    private static OpCase.Body gelu(Fixture f) {
        Parameter x = f.leaf("x", Shape.of(f.size.rows(), f.size.cols()), wide(f));
        return tape -> Gelu.of(tape, x);
    }

    private static OpCase.Body tanh(Fixture f) {
        Parameter x = f.leaf("x", Shape.of(f.size.rows(), f.size.cols()), wide(f));
        return tape -> Tanh.of(tape, x);
    }

    /** Normal numbers with tails. */
    private static double[] wide(Fixture f) {
        double[] values = f.draws.normals((long) f.size.rows() * f.size.cols(), 1);
        for (int i = 0; i < values.length; i += 9) {
            values[i] *= 3;
        }
        return values;
    }

    private static OpCase.Body layerNorm(Fixture f) {
        Parameter x = matrix(f, "x");
        Parameter gamma = f.leaf("gamma", Shape.of(f.size.cols()), f.draws.uniforms(f.size.cols(), 0.5, 1.5));
        Parameter beta = f.leaf("beta", Shape.of(f.size.cols()), f.draws.normals(f.size.cols(), 0.2));
        return tape -> LayerNorm.of(tape, x, gamma, beta, 1e-12);
    }

    private static OpCase.Body residualNorm(Fixture f, double probability) {
        Parameter branch = matrix(f, "branch"), skip = matrix(f, "skip");
        Parameter gamma = f.leaf("gamma", Shape.of(f.size.cols()), f.draws.uniforms(f.size.cols(), 0.5, 1.5));
        Parameter beta = f.leaf("beta", Shape.of(f.size.cols()), f.draws.normals(f.size.cols(), 0.2));
        Dropout.Mask mask = f.mask(probability);
        return tape -> ResidualNorm.of(tape, branch, skip, mask, gamma, beta, 1e-12, null);
    }

    private static OpCase.Body linear(Fixture f, boolean bf16) {
        Parameter x = matrix(f, "x"), w = f.leaf("w", f.size.out(), f.size.cols());
        Parameter b = f.leaf("b", Shape.of(f.size.out()), f.draws.normals(f.size.out(), 1));
        return tape -> Linear.of(tape, x, w, b, bf16);
    }

    private static OpCase.Body meanPool(Fixture f) {
        Parameter x = matrix(f, "x");
        SequenceLayout layout = f.layout();
        return tape -> MeanPool.of(tape, x, layout);
    }

    private static OpCase.Body scores(Fixture f) {
        Parameter q = f.leaf("q", f.size.rows(), f.size.width()), k = f.leaf("k", f.size.rows(), f.size.width());
        SequenceLayout layout = f.layout();
        return tape -> AttentionScores.of(tape, q, k, layout);
    }

    private static OpCase.Body context(Fixture f) {
        SequenceLayout layout = f.layout();
        Parameter probs = map(f, layout, "probs");
        Parameter v = f.leaf("v", f.size.rows(), f.size.width());
        return tape -> AttentionContext.of(tape, probs, v, layout);
    }

    private static Parameter map(Fixture f, SequenceLayout layout, String name) {
        Shape shape = layout.mapShape();
        return f.leaf(name, shape, f.draws.uniforms(shape.elements(), 0.05, 1));
    }

    private static OpCase.Body softmax(Fixture f) {
        SequenceLayout layout = f.layout();
        Shape shape = layout.mapShape();
        Parameter scores = f.leaf("scores", shape, f.draws.normals(shape.elements(), 2));
        return tape -> Softmax.of(tape, scores, layout);
    }

    private static OpCase.Body mse(Fixture f) {
        Parameter x = matrix(f, "x");
        Tensor target = f.constant(x.shape(), f.draws.normals(x.shape().elements(), 1));
        LossSlot slot = f.slot();
        return loss(tape -> MseLoss.of(tape, x, target, 12.5, slot));
    }

    /** A few scores of either side lie below the -100 of the reference. */
    private static OpCase.Body scoreMse(Fixture f) {
        SequenceLayout layout = f.layout();
        int n = (int) layout.mapShape().elements();
        double[] student = f.draws.normals(n, 2), teacher = f.draws.normals(n, 2);
        for (int i = 5; i < n; i += 17) {
            student[i] = -150;
            teacher[i - 2] = -101;
        }
        Parameter scores = f.leaf("scores", layout.mapShape(), student);
        Tensor target = f.constant(layout.mapShape(), teacher);
        LossSlot slot = f.slot();
        return loss(tape -> ScoreMseLoss.of(tape, scores, target, layout, n, slot));
    }

    private static OpCase.Body mapKl(Fixture f) {
        SequenceLayout layout = f.layout();
        Parameter probs = map(f, layout, "probs");
        double[] teacher = f.draws.uniforms(layout.mapShape().elements(), 0.05, 1);
        teacher[0] = 0;
        Tensor target = f.constant(layout.mapShape(), teacher);
        LossSlot slot = f.slot();
        return loss(tape -> MapKlLoss.of(tape, probs, target, layout, slot));
    }

    private static OpCase.Body softCrossEntropy(Fixture f) {
        Parameter logits = f.leaf("logits", f.size.rows(), f.size.out());
        Tensor target =
                f.constant(logits.shape(), f.draws.normals(logits.shape().elements(), 2));
        LossSlot slot = f.slot();
        return loss(tape -> SoftCrossEntropyLoss.of(tape, logits, target, f.size.rows(), slot));
    }

    private static OpCase.Body crossEntropy(Fixture f) {
        Parameter logits = f.leaf("logits", f.size.rows(), f.size.out());
        Block labels = f.ints(f.draws.ints(f.size.rows(), f.size.out()));
        LossSlot slot = f.slot();
        return loss(tape -> CrossEntropyLoss.of(tape, logits, labels, slot));
    }

    private static OpCase.Body loss(java.util.function.Consumer<Tape> body) {
        return tape -> {
            body.accept(tape);
            return null;
        };
    }
}
