package dev.ternion.jobs;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Workers that live until they are told otherwise. */
public final class FakeWorkers implements Workers {
    /** All that were started. */
    public final List<Fake> started = new ArrayList<>();

    private boolean broken;

    /** From now on none can be started. */
    public void breakDown() {
        broken = true;
    }

    /** The newest one. */
    public Fake last() {
        return started.get(started.size() - 1);
    }

    @Override
    public Worker start(String jobId, int attempt, Runnable onExit) throws IOException {
        if (broken) {
            throw new IOException("out of processes");
        }
        Fake fake = new Fake("process-" + started.size(), jobId, attempt);
        started.add(fake);
        return fake;
    }

    @Override
    public Optional<Worker> find(String name) {
        return started.stream()
                .filter(fake -> fake.name.equals(name) && fake.alive)
                .map(fake -> (Worker) fake)
                .findFirst();
    }

    /** One of them. */
    public static final class Fake implements Worker {
        /** Of which job. */
        public final String jobId;

        /** Which attempt. */
        public final int attempt;

        /** Whether it is there. */
        public boolean alive = true;

        /** Whether it was told to end and will not. */
        public boolean stubborn;

        /** How often it was killed. */
        public int killed;

        private final String name;

        private Fake(String name, String jobId, int attempt) {
            this.name = name;
            this.jobId = jobId;
            this.attempt = attempt;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean isAlive() {
            return alive;
        }

        @Override
        public void kill() {
            killed++;
            alive &= stubborn;
        }
    }
}
