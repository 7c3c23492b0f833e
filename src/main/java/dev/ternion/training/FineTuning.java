package dev.ternion.training;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.model.Keep;
import dev.ternion.model.Pass;
import dev.ternion.model.Trace;
import dev.ternion.model.bert.BertModel;
import dev.ternion.model.bert.TokenBatch;
import dev.ternion.tensor.Tape;
import java.io.IOException;

/** Training of a full-precision model on labels. */
public final class FineTuning implements Resumable, AutoCloseable {
    private final BertModel model;
    private final double dropout;
    private final long seed;
    private final Device device;
    private final Block stepBlock;
    private final LossBoard board;
    private final Optimizer optimizer;
    private int step;

    public FineTuning(BertModel model, OptimizerSpec spec, int totalSteps, double dropout, long seed) {
        this.model = model;
        this.dropout = dropout;
        this.seed = seed;
        this.device = model.parameters().device();
        this.stepBlock = device.allocate(DType.S32, 1);
        this.board = new LossBoard(device);
        this.optimizer = new Optimizer(model.parameters(), spec, totalSteps);
    }

    /** The operations of one step: forward, loss, backward, update. Can be recorded, see {@link StudentTraining#compute}. */
    public LossBoard.Terms compute(StepInputs inputs, RecordedSteps.HostWork host) {
        host.run(() -> device.writeInts(stepBlock, step));
        LossBoard.Terms terms;
        try (Tape tape = Tape.on(device)) {
            TokenBatch tokens = inputs.tokens();
            Pass pass = new Pass(tape, tokens.layout(), Keep.NOTHING, dropout, seed, stepBlock);
            board.begin();
            Trace trace = model.forward(pass, tokens, null);
            inputs.labels().loss(tape, trace.logits(), board.slot(DistillLosses.GROUND_TRUTH, 1));
            terms = board.check();
            tape.backward();
        } catch (RuntimeException e) {
            model.parameters().clearGrads();
            throw e;
        }
        optimizer.step(board.guard(), host);
        return terms;
    }

    /** Counts the step whose operations have been started, and starts to read its losses. */
    public PendingStep started(LossBoard.Terms terms) {
        PendingStep pending = new PendingStep(step, optimizer.lastLearningRate(), null, terms, board.startRead(terms));
        step++;
        return pending;
    }

    /** Steps done. */
    public int stepsDone() {
        return step;
    }

    @Override
    public TrainingState state() {
        return new TrainingState(step, LatentWeights.of(model.parameters()), optimizer.state());
    }

    @Override
    public void restore(TrainingState state) throws IOException {
        if (step != 0) {
            throw new IllegalStateException("restored after step " + step + "; wanted before the first");
        }
        LatentWeights.restore(model.parameters(), state.weights());
        step = state.step();
        optimizer.restore(state.optimizer());
    }

    @Override
    public void close() {
        optimizer.close();
        board.close();
        stepBlock.close();
    }
}
