package dev.ternion.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.jobs.CheckpointAnswer;
import dev.ternion.jobs.Instruction;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Order;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Report;
import dev.ternion.telemetry.PointList;
import dev.ternion.telemetry.SeriesKey;
import dev.ternion.telemetry.Severity;
import dev.ternion.telemetry.Told;
import dev.ternion.telemetry.Work;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** What waits while the server is away, and how much of it. */
class ReporterTest {
    private static final SeriesKey LOSS = new SeriesKey("", 1, "loss.total");

    private final Link link = new Link();
    private final Reporter reporter = new Reporter(link, Clock.systemUTC(), () -> {}, () -> {});

    /** Answers as many calls as it has permits; keeps what was told. */
    private static final class Link implements ServerLink {
        private final Semaphore answers = new Semaphore(0);
        private final Map<SeriesKey, PointList> points =
                new TreeMap<>((a, b) -> a.text().compareTo(b.text()));
        private final List<String> lines = new ArrayList<>();
        private final List<CheckpointAnswer> made = new CopyOnWriteArrayList<>();
        private volatile Instruction instruction = Instruction.GO_ON;

        @Override
        public Opaque claim() {
            throw new AssertionError();
        }

        @Override
        public Instruction report(long first, List<Report> reports, Told told, Work work, CheckpointAnswer answer) {
            answers.acquireUninterruptibly();
            if (!answer.isNone()) {
                made.add(answer);
            }
            synchronized (this) {
                told.points()
                        .forEach((key, its) -> points.computeIfAbsent(key, k -> new PointList())
                                .addAll(its));
                for (int i = 0; i < told.lines().size(); i++) {
                    lines.add(told.firstLine() + i + " " + told.lines().get(i).text());
                }
            }
            return instruction;
        }

        private synchronized int points() {
            return points.values().stream().mapToInt(PointList::size).sum();
        }

        @Override
        public String finish(Outcome outcome) {
            throw new AssertionError();
        }
    }

    @Test
    void aTrainingWaitsForAServerThatIsAwayWhenTooManyPointsWait() throws InterruptedException {
        int steps = 2 * Reporter.ROOM_FOR_POINTS;
        Thread training = new Thread(() -> {
            for (int step = 1; step <= steps; step++) {
                reporter.measure(Map.of(LOSS, 1.0 / step), step, step);
            }
        });
        training.start();
        await().until(() -> training.getState() == Thread.State.TIMED_WAITING);
        link.answers.release(1_000_000);
        training.join();
        reporter.close();
        assertThat(link.points()).isEqualTo(steps);
        assertThat(link.points.get(LOSS).lastStep()).isEqualTo(steps);
    }

    @Test
    void aCheckpointIsAskedForUntilItIsAnswered_andTheAnswerIsToldOnce() throws InterruptedException {
        link.instruction = new Instruction(Order.GO_ON, "one");
        link.answers.release();
        await().until(() -> reporter.wantedCheckpoint().equals("one"));
        reporter.answer(new CheckpointAnswer("one", OptionalLong.of(7)));
        // The server has not heard it yet and asks again.
        assertThat(reporter.wantedCheckpoint()).isEmpty();
        link.answers.release(2);
        await().until(() -> link.made.contains(new CheckpointAnswer("one", OptionalLong.of(7))));
        assertThat(reporter.wantedCheckpoint()).isEmpty();
        link.instruction = new Instruction(Order.GO_ON, "two");
        link.answers.release(2);
        await().until(() -> reporter.wantedCheckpoint().equals("two"));
        reporter.answer(new CheckpointAnswer("two", OptionalLong.empty()));
        link.answers.release(1_000_000);
        reporter.close();
        assertThat(link.made)
                .containsExactly(
                        new CheckpointAnswer("one", OptionalLong.of(7)),
                        new CheckpointAnswer("two", OptionalLong.empty()));
    }

    @Test
    void settlingWaitsASecondForAServerThatIsAwayAndOnlyOnce() throws InterruptedException {
        reporter.measure(Map.of(LOSS, 0.5), 1, 1);
        Duration first = settle();
        assertThat(first).isBetween(Duration.ofMillis(900), Duration.ofSeconds(60));
        List<Duration> more = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            more.add(settle());
        }
        // A machine may stall once.
        assertThat(more).filteredOn(time -> time.toMillis() >= 500).hasSizeLessThan(2);
        link.answers.release(1_000_000);
        await().until(() -> link.points() == 1);
        reporter.measure(Map.of(LOSS, 0.25), 2, 2);
        await().until(() -> {
            settle();
            return link.points() == 2;
        });
        reporter.close();
    }

    private Duration settle() {
        long start = System.nanoTime();
        reporter.settle();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void linesAreNumberedInOrder() throws InterruptedException {
        link.answers.release(1_000_000);
        List<String> wanted = new ArrayList<>();
        for (int i = 1; i <= 1000; i++) {
            reporter.log(Severity.INFO, "line " + i);
            wanted.add(i + " line " + i);
        }
        reporter.close();
        assertThat(link.lines).isEqualTo(wanted);
    }
}
