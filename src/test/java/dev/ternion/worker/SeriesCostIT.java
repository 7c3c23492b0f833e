package dev.ternion.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.backend.Backends;
import dev.ternion.backend.Device;
import dev.ternion.bench.StepBench;
import dev.ternion.jobs.CheckpointAnswer;
import dev.ternion.jobs.Instruction;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Report;
import dev.ternion.recipe.JobListener.StepProgress;
import dev.ternion.telemetry.PointBlock;
import dev.ternion.telemetry.Points;
import dev.ternion.telemetry.Told;
import dev.ternion.telemetry.Work;
import dev.ternion.training.Precision;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What telling a step costs, its points and its progress event, packed as for the server, beside a step of MiniLM on four short texts: both
 * in processor time, which other processes do not change much, by turns in one process.
 */
class SeriesCostIT {
    private static final int TOLD = 3000;
    private static final int STEPS = 5;
    private static final double BAR = 0.01;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @Test
    void tellingAStepCostsAHundredthOfItAtMost() throws Exception {
        double telling;
        double step;
        try (Device device = Backends.open("cpu", 1)) {
            StepBench.run(device, "micro", 4, 16, 1, Precision.FP32);
            tell();
            double few = train(device, 1);
            telling = tell();
            // What both have, such as making the model, falls out.
            step = (train(device, 1 + STEPS) - few) / STEPS;
            telling = Math.max(telling, tell());
        }
        Files.writeString(
                Path.of("target/series-cost.txt"),
                String.format(
                        Locale.ROOT,
                        "a step %.1f ms, telling it %.1f us: %.3f %%%n",
                        step * 1e-6,
                        telling * 1e-3,
                        100 * telling / step));
        assertThat(telling / step).isBetween(0.0, BAR);
    }

    /** Nanoseconds of processor time. */
    private static double train(Device device, int steps) {
        long start = THREADS.getCurrentThreadCpuTime();
        StepBench.run(device, "minilm", 4, 16, steps, Precision.FP32);
        return THREADS.getCurrentThreadCpuTime() - start;
    }

    /** Nanoseconds of processor time of a step, in the thread of the training and in the one that reports. */
    private static double tell() throws InterruptedException {
        MutableClock clock = new MutableClock();
        Packing link = new Packing();
        Reporter reporter = new Reporter(link, clock, () -> {}, () -> {});
        EventWriter events = new EventWriter(reporter, clock);
        long start = THREADS.getCurrentThreadCpuTime();
        for (int step = 1; step <= TOLD; step++) {
            // Each step is told as an event too, as those of a slow training are.
            clock.advance(Duration.ofMillis(100));
            events.step(new StepProgress(
                    "ti-g",
                    42,
                    step,
                    step,
                    TOLD,
                    32,
                    1e-4,
                    Map.of("total", 1.0 / step, "scores", 2.0 / step, "hidden", 3.0 / step, "logits", 4.0 / step),
                    "MAP"));
        }
        long training = THREADS.getCurrentThreadCpuTime() - start;
        reporter.close();
        assertThat(link.points).isEqualTo(6 * TOLD - 1);
        return (training + link.nanos) / (double) TOLD;
    }

    /** Packs points as the link to a server does. */
    private static final class Packing implements ServerLink {
        private long nanos;
        private int points;
        private long bytes;

        @Override
        public Opaque claim() {
            throw new AssertionError();
        }

        @Override
        public Instruction report(long first, List<Report> reports, Told told, Work work, CheckpointAnswer answer) {
            for (Points its : told.points().values()) {
                points += its.size();
                bytes += PointBlock.write(its).length;
            }
            nanos = THREADS.getCurrentThreadCpuTime();
            return Instruction.GO_ON;
        }

        @Override
        public String finish(Outcome outcome) {
            throw new AssertionError("after " + bytes + " bytes");
        }
    }
}
