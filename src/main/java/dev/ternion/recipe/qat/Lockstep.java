package dev.ternion.recipe.qat;

import dev.ternion.backend.Device;
import dev.ternion.data.Batch;
import dev.ternion.model.Keep;
import dev.ternion.model.Pass;
import dev.ternion.model.Trace;
import dev.ternion.model.bert.BertModel;
import dev.ternion.tensor.Tape;
import dev.ternion.training.BatchBuffers;
import dev.ternion.training.LateReports;
import dev.ternion.training.LossBoard;
import dev.ternion.training.PendingStep;
import dev.ternion.training.Precision;
import dev.ternion.training.RecordedSteps;
import dev.ternion.training.StepInputs;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The arms of one seed, going forward together: one teacher pass for each batch, then a step of every arm. Where the device
 * records, all of it is one recording, and the losses of a step are read while the next one runs.
 */
final class Lockstep implements AutoCloseable {
    /** Hears of each step of an arm when its losses are known. */
    interface Reporter {
        void report(int arm, PendingStep step);
    }

    private final BertModel teacher;
    private final Precision precision;
    private final List<ArmRun> runs;
    private final LongSupplier nanos;
    private final Device device;
    private final BatchBuffers buffers;
    private final RecordedSteps steps;
    private final LateReports<List<PendingStep>> reports;

    Lockstep(BertModel teacher, Precision precision, List<ArmRun> runs, LongSupplier nanos, Reporter reporter) {
        this.teacher = teacher;
        this.precision = precision;
        this.runs = runs;
        this.nanos = nanos;
        device = teacher.parameters().device();
        buffers = new BatchBuffers(device, teacher.config());
        steps = new RecordedSteps(device);
        reports = new LateReports<>(steps, done -> {
            for (int i = 0; i < done.size(); i++) {
                reporter.report(i, done.get(i));
            }
        });
    }

    /** Starts one step of every arm. */
    void step(Batch batch) {
        long start = nanos.getAsLong();
        StepInputs inputs = buffers.load(batch);
        List<Object> key = new ArrayList<>();
        key.add(inputs);
        runs.forEach(run -> key.add(run.begin()));
        double[] seconds = new double[runs.size()];
        List<LossBoard.Terms> terms = steps.run(key, host -> compute(inputs, host, seconds));
        List<PendingStep> started = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            started.add(runs.get(i).started(terms.get(i)));
        }
        reports.started(started);
        account(seconds, secondsSince(start));
    }

    /** @param seconds of each arm, the shared teacher pass included, as far as the host sees them */
    private List<LossBoard.Terms> compute(StepInputs inputs, RecordedSteps.HostWork host, double[] seconds) {
        Keep keep = Keep.NOTHING;
        for (ArmRun run : runs) {
            keep = keep.or(run.teacherSignals());
        }
        long start = nanos.getAsLong();
        try (Tape tape = Tape.off(device, precision == Precision.BF16)) {
            Pass pass = Pass.plain(tape, inputs.tokens().layout(), keep);
            Trace signals = teacher.forward(pass, inputs.tokens(), null);
            double shared = secondsSince(start);
            List<LossBoard.Terms> terms = new ArrayList<>();
            for (int i = 0; i < runs.size(); i++) {
                long begin = nanos.getAsLong();
                terms.add(runs.get(i).compute(inputs, signals, host));
                seconds[i] = shared + secondsSince(begin);
            }
            return terms;
        }
    }

    /** A recorded step, which the host sees as a whole, counts for its arms in equal parts. */
    private void account(double[] seconds, double all) {
        for (int i = 0; i < runs.size(); i++) {
            runs.get(i).addSeconds(steps.recorded() ? all / runs.size() : seconds[i]);
        }
    }

    private double secondsSince(long start) {
        return (nanos.getAsLong() - start) * 1e-9;
    }

    /** Waits for everything started and reports it. */
    void flush() {
        reports.flush();
    }

    /** {@link #flush}, and gives back the memory of recorded steps. */
    void settle() {
        flush();
        steps.clear();
    }

    @Override
    public void close() {
        steps.close();
        buffers.close();
    }
}
