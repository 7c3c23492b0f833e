package dev.ternion.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ternion.api.SpecFixtures;
import dev.ternion.jobs.CheckpointAnswer;
import dev.ternion.jobs.Instruction;
import dev.ternion.jobs.Opaque;
import dev.ternion.jobs.Outcome;
import dev.ternion.jobs.Report;
import dev.ternion.telemetry.Told;
import dev.ternion.telemetry.Work;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A worker that has no memory left to tell its server so ends: it would say for ever that it is there. */
class ExhaustedAttemptTest {
    private final AtomicInteger faults = new AtomicInteger();

    /** A server that can be told only some things. */
    private static class Link implements ServerLink {
        @Override
        public Opaque claim() {
            return Opaque.of(SpecFixtures.evaluate().toByteArray());
        }

        @Override
        public Instruction report(
                long first, List<Report> reports, Told telemetry, Work work, CheckpointAnswer answer) {
            return Instruction.GO_ON;
        }

        @Override
        public String finish(Outcome outcome) {
            throw new OutOfMemoryError("heap");
        }
    }

    private boolean run(ServerLink link, JobRunner runner) throws InterruptedException {
        return new Attempt(
                        "job-a", link, runner, Clock.systemUTC(), UUID::randomUUID, () -> {}, faults::incrementAndGet)
                .run();
    }

    @Test
    void whenItsEndCannotBeTold() throws InterruptedException {
        boolean told = run(new Link(), (id, spec, listener, cancel) -> {
            throw new OutOfMemoryError("heap");
        });
        assertThat(told).isFalse();
        assertThat(faults).hasValue(1);
    }

    @Test
    void whileTheJobGoesOn() throws InterruptedException {
        Link broken = new Link() {
            @Override
            public Instruction report(
                    long first, List<Report> reports, Told telemetry, Work work, CheckpointAnswer answer) {
                throw new OutOfMemoryError("heap");
            }

            @Override
            public String finish(Outcome outcome) {
                return "FAILED";
            }
        };
        run(broken, (id, spec, listener, cancel) -> {
            await().until(() -> faults.get() == 1);
            return null;
        });
        assertThat(faults).hasValue(1);
    }
}
