package dev.ternion.worker;

import dev.ternion.jobs.AttemptOver;
import dev.ternion.jobs.CheckpointAnswer;
import dev.ternion.jobs.Instruction;
import dev.ternion.jobs.JobEvent;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Order;
import dev.ternion.jobs.Report;
import dev.ternion.telemetry.LogLine;
import dev.ternion.telemetry.SeriesKey;
import dev.ternion.telemetry.Severity;
import dev.ternion.telemetry.Told;
import dev.ternion.telemetry.Work;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Brings what a job says to the server, in order and from a thread of its own: the job goes on while the server is away, until
 * {@link #ROOM} reports or {@link #ROOM_FOR_POINTS} points wait. Says at least twice a second that the worker is there; points and work go with it.
 */
final class Reporter {
    /** Reports that may wait, and lines of the log. */
    static final int ROOM = 4096;

    /** Points that may wait; some 30 bytes each. */
    static final int ROOM_FOR_POINTS = 500_000;

    private static final int BATCH = 256;
    private static final int BATCH_OF_LINES = 64;
    private static final int BATCH_OF_POINTS = 20_000;
    private static final long BEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ServerLink link;
    private final Clock clock;
    private final Runnable onOver;
    private final Runnable onFault;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<Report> waiting = new ArrayDeque<>();
    private final PointBuffer points = new PointBuffer();
    private final List<LogLine> lines = new ArrayList<>();
    private final WorkTally work = new WorkTally();
    private final Thread thread = new Thread(this::run, "ternion-reporter");
    private volatile Instruction instruction = Instruction.GO_ON;
    private volatile String answered = "";
    private CheckpointAnswer answer = CheckpointAnswer.NONE;
    private long firstLine = 1;
    private long pointsTold = System.nanoTime();
    private boolean underWay;
    private boolean settling;
    private boolean away;
    private boolean closing;

    /**
     * Begins to tell.
     *
     * @param onOver called when the attempt is over without this worker's doing; reports are taken and dropped after it
     * @param onFault called when the server can no longer be told, for want of memory or by a bug
     */
    Reporter(ServerLink link, Clock clock, Runnable onOver, Runnable onFault) {
        this.link = link;
        this.clock = clock;
        this.onOver = onOver;
        this.onFault = onFault;
        thread.start();
    }

    /** What is told in one call. */
    private record Batch(List<Report> reports, Told told, Work work, CheckpointAnswer answer) {
        private boolean isEmpty() {
            return reports.isEmpty() && told.isEmpty() && work.isNothing() && answer.isNone();
        }
    }

    /** What to do, as of the last call. */
    Order order() {
        return instruction.order();
    }

    /** What the server calls a checkpoint that it wants, as of the last call; empty: none, or it was answered. */
    String wantedCheckpoint() {
        String wanted = instruction.checkpoint();
        return wanted.equals(answered) ? "" : wanted;
    }

    /** Takes the answer to {@link #wantedCheckpoint}. */
    void answer(CheckpointAnswer newAnswer) {
        lock.lock();
        try {
            answered = newAnswer.request();
            answer = newAnswer;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a report; waits while there is no room. */
    void say(JobEvent.Kind kind, Opaque payload) {
        Report report = new Report(clock.instant(), new JobEvent.Recorded(kind, payload));
        whenThereIsRoom(() -> waiting.size() < ROOM, () -> {
            waiting.add(report);
            changed.signalAll();
        });
    }

    /** Takes a line of the log; waits while there is no room. */
    void log(Severity severity, String text) {
        LogLine line = new LogLine(clock.instant(), severity, text);
        whenThereIsRoom(() -> lines.size() < ROOM, () -> {
            lines.add(line);
            changed.signalAll();
        });
    }

    /** Takes a point of each series; waits while there is no room. */
    void measure(Map<SeriesKey, Double> values, long step, long millis) {
        whenThereIsRoom(() -> points.size() < ROOM_FOR_POINTS, () -> {
            values.forEach((key, value) -> points.add(key, step, value, millis));
            if (points.size() >= BATCH_OF_POINTS) {
                changed.signalAll();
            }
        });
    }

    /** Counts a step; it is told when points are. */
    void stepped(String phase, int samples, double seconds) {
        lock.lock();
        try {
            work.step(phase, samples, seconds);
        } finally {
            lock.unlock();
        }
    }

    /** Counts a checkpoint; it is told when points are. */
    void checkpointed(String origin, boolean made, double seconds) {
        lock.lock();
        try {
            work.checkpoint(origin, made, seconds);
        } finally {
            lock.unlock();
        }
    }

    private void whenThereIsRoom(BooleanSupplier room, Runnable add) {
        lock.lock();
        try {
            while (!room.getAsBoolean() && thread.isAlive()) {
                changed.await(1, TimeUnit.SECONDS);
            }
            add.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Returns when all that was taken is with the server, or after a second without an answer; at once while none has come since. */
    void settle() {
        lock.lock();
        try {
            settling = true;
            changed.signalAll();
            long left = away ? 0 : SETTLE_NANOS;
            while ((underWay || has(true)) && thread.isAlive() && left > 0) {
                left = changed.awaitNanos(left);
            }
            away = left <= 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            settling = false;
            lock.unlock();
        }
    }

    /** Returns when all reports are with the server. */
    void close() throws InterruptedException {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        thread.join();
    }

    private void run() {
        long first = 1;
        try {
            for (Batch batch = next(); batch != null; batch = next()) {
                instruction = link.report(first, batch.reports(), batch.told(), batch.work(), batch.answer());
                first += batch.reports().size();
                taken(batch);
            }
        } catch (AttemptOver e) {
            onOver.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            Attempt.fault(e, onFault);
        }
    }

    /** What to tell next, after a while nothing; null at the end. */
    private Batch next() throws InterruptedException {
        lock.lock();
        try {
            long left = BEAT_NANOS;
            while (!has(pointsDue()) && !closing && left > 0) {
                left = changed.awaitNanos(left);
            }
            Batch batch = batch();
            underWay = !batch.isEmpty();
            return batch.isEmpty() && closing ? null : batch;
        } finally {
            lock.unlock();
        }
    }

    private boolean has(boolean withPoints) {
        return !waiting.isEmpty()
                || !lines.isEmpty()
                || !answer.isNone()
                || withPoints && (points.size() > 0 || !work.isEmpty());
    }

    private boolean pointsDue() {
        return settling || closing || points.size() >= BATCH_OF_POINTS || System.nanoTime() - pointsTold >= BEAT_NANOS;
    }

    private Batch batch() {
        List<Report> reports = waiting.stream().limit(BATCH).toList();
        if (!pointsDue() && lines.isEmpty()) {
            return new Batch(reports, Told.NOTHING, Work.NOTHING, answer);
        }
        pointsTold = System.nanoTime();
        List<LogLine> said = new ArrayList<>(lines.subList(0, Math.min(BATCH_OF_LINES, lines.size())));
        Told told = new Told(points.take(BATCH_OF_POINTS), firstLine, said);
        lines.subList(0, said.size()).clear();
        firstLine += said.size();
        return new Batch(reports, told, work.take(), answer);
    }

    private void taken(Batch batch) {
        lock.lock();
        try {
            for (int i = 0; i < batch.reports().size(); i++) {
                waiting.remove();
            }
            if (answer == batch.answer()) {
                answer = CheckpointAnswer.NONE;
            }
            underWay = false;
            away = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
