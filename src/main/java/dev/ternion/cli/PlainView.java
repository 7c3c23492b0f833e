package dev.ternion.cli;

import dev.ternion.api.v1.StepProgress;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Lines for a log file: steps at most every five seconds. */
final class PlainView extends ProgressView {
    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(5);

    private final PrintStream err;
    private final LongSupplier nanoTime;
    private Long lastNs;

    PlainView(PrintStream err, LongSupplier nanoTime) {
        this.err = err;
        this.nanoTime = nanoTime;
    }

    @Override
    void line(String text) {
        err.println(text);
    }

    @Override
    void progress(StepProgress progress) {
        long now = nanoTime.getAsLong();
        if (lastNs == null || now - lastNs >= INTERVAL_NS) {
            lastNs = now;
            err.println(EventText.progress(progress));
        }
    }
}
