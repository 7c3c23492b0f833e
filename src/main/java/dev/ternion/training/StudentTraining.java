package dev.ternion.training;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.data.Padding;
import dev.ternion.intervention.Schedule;
import dev.ternion.intervention.Site;
import dev.ternion.model.Keep;
import dev.ternion.model.Pass;
import dev.ternion.model.TeacherSignals;
import dev.ternion.model.Trace;
import dev.ternion.model.bert.BertModel;
import dev.ternion.model.bert.TokenBatch;
import dev.ternion.tensor.Tape;
import java.io.IOException;

/**
 * Quantization-aware training of one student: an intervention phase by schedule (step 1), then plain QAT with a fresh
 * optimizer (step 2). The teacher's signals are handed in, so that several trainings can share one teacher pass. Ref: [TI]
 * 2.5
 */
public final class StudentTraining implements Resumable, AutoCloseable {
    /**
     * Settings of one training.
     *
     * @param schedule intervention phase, or null
     * @param losses weights in both phases
     * @param interventionOptimizer optimizer of step 1; null without a schedule
     * @param optimizer optimizer of step 2
     * @param totalSteps steps of both phases
     * @param dropout probability
     * @param seed dropout and stochastic schedule
     * @param precision of the gradients' products with codes
     */
    public record Plan(
            Schedule schedule,
            LossWeights losses,
            OptimizerSpec interventionOptimizer,
            OptimizerSpec optimizer,
            int totalSteps,
            double dropout,
            long seed,
            Precision precision) {
        /** Length of the intervention phase, 0 without one. */
        public int interventionSteps() {
            return schedule == null ? 0 : schedule.steps();
        }
    }

    /**
     * What a step is like: steps of one mode have the same operations on the same memory, if their inputs have.
     *
     * @param site the replaced site, or null
     * @param optimizer of the phase
     */
    public record Mode(Site site, Optimizer optimizer) {}

    private final BertModel student;
    private final Plan plan;
    private final DistillLosses losses;
    private final Device device;
    private final Block stepBlock;
    private final LossBoard board;
    private Optimizer optimizer;
    private int step;

    public StudentTraining(BertModel student, Plan plan, Padding padding, int maxLength) {
        this.student = student;
        this.plan = plan;
        this.losses = new DistillLosses(plan.losses(), padding, maxLength);
        this.device = student.parameters().device();
        this.stepBlock = device.allocate(DType.S32, 1);
        this.board = new LossBoard(device);
        this.optimizer = plan.schedule() == null
                ? new Optimizer(student.parameters(), plan.optimizer(), plan.totalSteps())
                : new Optimizer(student.parameters(), plan.interventionOptimizer(), plan.interventionSteps());
    }

    /** The site that the next step replaces, or null. */
    public Site nextSite() {
        return step < plan.interventionSteps() ? plan.schedule().at(plan.seed(), step) : null;
    }

    /** Teacher signals that the next step reads. */
    public Keep teacherSignals() {
        return losses.keep().or(losses.keep().replacing(nextSite()));
    }

    /** Changes to the plain phase when it is due, and tells what the next step is like; to be called before each step. */
    public Mode begin() {
        if (plan.schedule() != null && step == plan.interventionSteps()) {
            startPlainPhase();
        }
        return new Mode(nextSite(), optimizer);
    }

    /**
     * The operations of the step that has begun: forward, losses, backward, update, codes of the changed weights. Can be
     * recorded: it reads nothing from the device, and writes to it through {@code host}.
     *
     * @param teacher the teacher's trace on this batch, holding {@link #teacherSignals}
     * @return the terms of the loss, for {@link #started}
     */
    public LossBoard.Terms compute(StepInputs inputs, Trace teacher, RecordedSteps.HostWork host) {
        Site site = nextSite();
        TeacherSignals signals = site == null ? null : new TeacherSignals(site, teacher);
        host.run(() -> device.writeInts(stepBlock, step));
        LossBoard.Terms terms;
        try (Tape tape = Tape.on(device, plan.precision() == Precision.BF16)) {
            TokenBatch tokens = inputs.tokens();
            Pass pass = new Pass(tape, tokens.layout(), losses.keep(), plan.dropout(), plan.seed(), stepBlock);
            board.begin();
            losses.record(tape, student.forward(pass, tokens, signals), teacher, inputs, board);
            terms = board.check();
            tape.backward();
        } catch (RuntimeException e) {
            student.parameters().clearGrads();
            throw e;
        }
        optimizer.step(board.guard(), host);
        student.parameters().requantize();
        return terms;
    }

    /** Counts the step whose operations have been started, and starts to read its losses. */
    public PendingStep started(LossBoard.Terms terms) {
        PendingStep pending =
                new PendingStep(step, optimizer.lastLearningRate(), nextSite(), terms, board.startRead(terms));
        step++;
        return pending;
    }

    @Override
    public TrainingState state() {
        return new TrainingState(step, LatentWeights.of(student.parameters()), optimizer.state());
    }

    @Override
    public void restore(TrainingState state) throws IOException {
        if (step != 0) {
            throw new IllegalStateException("restored after step " + step + "; wanted before the first");
        }
        LatentWeights.restore(student.parameters(), state.weights());
        step = state.step();
        if (plan.schedule() != null && step > plan.interventionSteps()) {
            startPlainPhase();
        }
        optimizer.restore(state.optimizer());
    }

    private void startPlainPhase() {
        optimizer.close();
        optimizer = new Optimizer(student.parameters(), plan.optimizer(), plan.totalSteps() - plan.interventionSteps());
    }

    /** Steps done. */
    public int stepsDone() {
        return step;
    }

    /** The student. */
    public BertModel student() {
        return student;
    }

    /** The optimizer of the current phase. */
    public Optimizer optimizer() {
        return optimizer;
    }

    @Override
    public void close() {
        optimizer.close();
        board.close();
        stepBlock.close();
    }
}
