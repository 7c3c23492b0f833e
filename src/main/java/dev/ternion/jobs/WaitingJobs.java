package dev.ternion.jobs;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** How many jobs of each owner wait: read from the store once, then kept up with each change. */
final class WaitingJobs {
    private final Map<String, String> owners = new HashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();

    /** @param changes whose listener this becomes */
    WaitingJobs(JobChanges changes) {
        changes.exclusively(() -> {
            changes.store()
                    .list(Set.of(JobState.QUEUED), Long.MAX_VALUE, Integer.MAX_VALUE)
                    .forEach(this::follow);
            changes.listen(this::follow);
            return null;
        });
    }

    private synchronized void follow(Job job) {
        boolean waits = job.state() == JobState.QUEUED;
        String owner = job.origin().owner();
        String before = waits ? owners.put(job.id(), owner) : owners.remove(job.id());
        if (waits && before == null) {
            counts.merge(owner, 1, Integer::sum);
        } else if (!waits && before != null) {
            counts.computeIfPresent(before, (its, count) -> count == 1 ? null : count - 1);
        }
    }

    /** QUEUED jobs of this owner. */
    synchronized int of(String owner) {
        return counts.getOrDefault(owner, 0);
    }
}
