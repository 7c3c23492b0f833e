package dev.ternion.cli;

import dev.ternion.api.v1.StepProgress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar, with lines that stay above it. The estimate of the end is the server's: it knows the evaluations. */
final class BarView extends ProgressView {
    private static final String ERASE_LINE = "\r\u001b[K";
    private static final int REFRESH_MS = 250;

    private final PrintStream err;
    private final int columns;
    private ProgressBar bar;
    private volatile Duration eta;

    BarView(PrintStream err, int columns) {
        this.err = err;
        this.columns = columns;
    }

    @Override
    void line(String text) {
        if (bar == null) {
            err.println(text);
            return;
        }
        bar.pause();
        err.print(ERASE_LINE + text + System.lineSeparator());
        bar.resume();
        bar.refresh();
    }

    @Override
    void progress(StepProgress progress) {
        eta = progress.hasEtaSeconds() ? Duration.ofMillis(Math.round(progress.getEtaSeconds() * 1000)) : null;
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName("step")
                    .setInitialMax(progress.getStepsTotal())
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(REFRESH_MS)
                    .setEtaFunction(state -> Optional.ofNullable(eta))
                    .setConsumer(new ConsoleProgressBarConsumer(err, columns - 1))
                    .startsFrom(
                            progress.getStepsDone(), Duration.ofMillis(Math.round(progress.getElapsedSeconds() * 1000)))
                    .build();
        }
        bar.maxHint(progress.getStepsTotal());
        bar.stepTo(progress.getStepsDone());
        bar.setExtraMessage(" " + EventText.doing(progress));
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
