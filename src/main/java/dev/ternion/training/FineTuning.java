package dev.ternion.training;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.data.Batch;
import dev.ternion.model.Keep;
import dev.ternion.model.Pass;
import dev.ternion.model.Trace;
import dev.ternion.model.bert.BertModel;
import dev.ternion.model.bert.TokenBatch;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.ops.Updates;
import java.util.Map;

/** Training of a full-precision model on labels. */
public final class FineTuning implements AutoCloseable {
    private final BertModel model;
    private final double dropout;
    private final long seed;
    private final Device device;
    private final Block stepBlock;
    private final Block guard;
    private final Optimizer optimizer;
    private int step;

    public FineTuning(BertModel model, OptimizerSpec spec, int totalSteps, double dropout, long seed) {
        this.model = model;
        this.dropout = dropout;
        this.seed = seed;
        this.device = model.parameters().device();
        this.stepBlock = device.allocate(DType.S32, 1);
        this.guard = Updates.openGuard(device);
        this.optimizer = new Optimizer(model.parameters(), spec, totalSteps);
    }

    /** One optimizer step; returns the loss parts. */
    public Map<String, Double> step(Batch batch, TokenBatch tokens) {
        device.writeInts(stepBlock, step);
        Map<String, Double> parts;
        try (LossBoard board = new LossBoard(device);
                Tape tape = Tape.on(device)) {
            Pass pass = new Pass(tape, tokens.layout(), Keep.NOTHING, dropout, seed, stepBlock);
            Trace trace = model.forward(pass, tokens, null);
            DistillLosses.labelLoss(tape, trace.logits(), batch.labels(), board.slot(DistillLosses.GROUND_TRUTH, 1));
            parts = board.read();
            NonFiniteLoss.check(step, parts);
            tape.backward();
        }
        optimizer.step(guard);
        step++;
        return parts;
    }

    /** Rate of the next step. */
    public double learningRate() {
        return optimizer.learningRate();
    }

    @Override
    public void close() {
        optimizer.close();
        stepBlock.close();
        guard.close();
    }
}
