package dev.ternion.server;

import dev.ternion.api.SpecMapper;
import dev.ternion.api.SpecReferences;
import dev.ternion.api.Violation;
import dev.ternion.jobs.Change;
import dev.ternion.jobs.ChangeLog;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobQueue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What the jobs that are not final read and will make. Each spec is read once, however many jobs wait: the changes of the jobs tell which
 * came and which are over.
 */
final class ActiveReferences {
    private static final int BATCH = 500;

    private final JobQueue queue;
    /** By id of the job, in the order in which they came. */
    private final Map<String, SpecReferences> open = new LinkedHashMap<>();
    /** Revision up to which the changes are in {@link #open}; -1 before the first look. */
    private long seen = -1;

    ActiveReferences(JobQueue queue) {
        this.queue = queue;
    }

    /** A job that reads the model. */
    Optional<String> readerOfModel(String id) {
        return find(references -> references.models().contains(id));
    }

    /** A job that reads the data set. */
    Optional<String> readerOfDataset(String id) {
        return find(references -> references.datasets().contains(id));
    }

    /** Models that a new job would make and another one will make before. */
    List<Violation> outputClashes(SpecReferences wanted) {
        List<Violation> clashes = new ArrayList<>();
        for (String output : wanted.outputs()) {
            find(references -> references.outputs().contains(output))
                    .ifPresent(job -> clashes.add(new Violation(
                            "spec",
                            "makes the model " + output + ", which job " + job
                                    + " will make; choose another output_model")));
        }
        return clashes;
    }

    private synchronized Optional<String> find(Predicate<SpecReferences> matches) {
        follow();
        return open.entrySet().stream()
                .filter(job -> matches.test(job.getValue()))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private void follow() {
        ChangeLog log = queue.changeLog();
        if (seen < 0) {
            begin(log);
        }
        for (List<Change> next = log.changes(seen, BATCH); !next.isEmpty(); next = log.changes(seen, BATCH)) {
            if (next.get(0).revision() != seen + 1) {
                begin(log); // some were forgotten
            } else {
                next.forEach(this::take);
            }
        }
    }

    /** What changes meanwhile comes again with the changes, and changes nothing then. */
    private void begin(ChangeLog log) {
        long newest = log.extent().newest();
        open.clear();
        queue.open().forEach(this::add);
        seen = newest;
    }

    private void take(Change change) {
        String id = change.job().id();
        if (change.deleted() || change.job().state().isFinal()) {
            open.remove(id);
        } else if (!open.containsKey(id)) {
            queue.find(id).ifPresent(this::add);
        }
        seen = change.revision();
    }

    private void add(Job job) {
        open.put(job.id(), SpecReferences.of(SpecMapper.decode(job.spec().bytes())));
    }
}
