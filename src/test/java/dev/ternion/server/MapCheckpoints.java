package dev.ternion.server;

import dev.ternion.api.CheckpointName;
import dev.ternion.api.v1.Checkpoint;
import dev.ternion.recipe.JobSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Checkpoints that are nothing but names. */
final class MapCheckpoints implements CheckpointCatalog {
    final Map<CheckpointName, Boolean> pinned = new ConcurrentHashMap<>();
    final Map<CheckpointName, String> damaged = new ConcurrentHashMap<>();

    /** Bytes by owner. */
    final Map<String, Long> bytes = new ConcurrentHashMap<>();

    /** Called while a checkpoint is read. */
    volatile Runnable reading = () -> {};

    void add(String job, long... steps) {
        for (long step : steps) {
            pinned.put(new CheckpointName(job, step), false);
        }
    }

    @Override
    public List<Checkpoint> list(String job) {
        return pinned.keySet().stream()
                .filter(name -> name.job().equals(job))
                .sorted((a, b) -> Long.compare(a.step(), b.step()))
                .map(name -> Checkpoint.newBuilder()
                        .setName(name.toString())
                        .setJobStep(name.step())
                        .setPinned(pinned.get(name))
                        .build())
                .collect(Collectors.toList());
    }

    @Override
    public long bytes(String owner) {
        return bytes.getOrDefault(owner, 0L);
    }

    @Override
    public boolean pin(CheckpointName name) {
        return pinned.computeIfPresent(name, (key, before) -> true) != null;
    }

    @Override
    public void unpin(CheckpointName name) {
        pinned.computeIfPresent(name, (key, before) -> false);
    }

    @Override
    public void delete(CheckpointName name) {
        pinned.remove(name);
    }

    @Override
    public Optional<String> damage(CheckpointName name, Runnable pulse) {
        reading.run();
        pulse.run();
        return Optional.ofNullable(damaged.get(name));
    }

    @Override
    public Staged fork(CheckpointName name, JobSpec source, String job, JobSpec spec) {
        throw new UnsupportedOperationException("nothing is copied");
    }

    @Override
    public void tidy(String job) {
        pinned.entrySet().removeIf(entry -> entry.getKey().job().equals(job) && !entry.getValue());
    }
}
