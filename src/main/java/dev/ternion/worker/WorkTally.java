package dev.ternion.worker;

import dev.ternion.telemetry.Work;
import java.util.HashMap;
import java.util.Map;

/** Adds up what is done until it is told; as large for a million steps as for one. Used under its owner's lock. */
final class WorkTally {
    private final Map<String, Steps> steps = new HashMap<>();
    private final Map<String, Work.Checkpoints> checkpoints = new HashMap<>();
    private TimingsTally checkpointTimes = new TimingsTally(Work.CHECKPOINT_BOUNDS);
    private long told;

    private static final class Steps {
        private final TimingsTally times = new TimingsTally(Work.STEP_BOUNDS);
        private long samples;
    }

    void step(String phase, int samples, double seconds) {
        Steps all = steps.computeIfAbsent(phase, its -> new Steps());
        all.samples += samples;
        all.times.add(seconds);
    }

    void checkpoint(String origin, boolean made, double seconds) {
        checkpoints.merge(
                origin,
                new Work.Checkpoints(made ? 1 : 0, made ? 0 : 1),
                (a, b) -> new Work.Checkpoints(a.made() + b.made(), a.failed() + b.failed()));
        if (made) {
            checkpointTimes.add(seconds);
        }
    }

    boolean isEmpty() {
        return steps.isEmpty() && checkpoints.isEmpty();
    }

    /** Takes all of it out, under the next number. */
    Work take() {
        if (isEmpty()) {
            return Work.NOTHING;
        }
        Map<String, Work.Steps> done = new HashMap<>();
        steps.forEach((phase, its) -> done.put(phase, new Work.Steps(its.samples, its.times.timings())));
        Work work = new Work(++told, done, checkpointTimes.timings(), checkpoints);
        steps.clear();
        checkpoints.clear();
        checkpointTimes = new TimingsTally(Work.CHECKPOINT_BOUNDS);
        return work;
    }
}
