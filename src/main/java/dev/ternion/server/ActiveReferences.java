package dev.ternion.server;

import dev.ternion.api.SpecMapper;
import dev.ternion.api.SpecReferences;
import dev.ternion.api.Violation;
import dev.ternion.jobs.Change;
import dev.ternion.jobs.ChangeLog;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobQueue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the jobs that are not final read and will make. Each spec is read once, however many jobs wait: the changes of the jobs tell which
 * came and which are over.
 */
final class ActiveReferences {
    private static final int BATCH = 500;

    private final JobQueue queue;
    /** By id of the job. */
    private final Map<String, SpecReferences> open = new HashMap<>();
    /** Ids of the jobs that read or make something, in the order in which they came, by its id. */
    private final Map<String, Set<String>> models = new HashMap<>();

    private final Map<String, Set<String>> datasets = new HashMap<>();
    private final Map<String, Set<String>> outputs = new HashMap<>();
    /** Revision up to which the changes are in {@link #open}; -1 before the first look. */
    private long seen = -1;

    ActiveReferences(JobQueue queue) {
        this.queue = queue;
    }

    /** A job that reads the model. */
    Optional<String> readerOfModel(String id) {
        return first(models, id);
    }

    /** A job that reads the data set. */
    Optional<String> readerOfDataset(String id) {
        return first(datasets, id);
    }

    /** Models that a new job would make and another one will make before. */
    List<Violation> outputClashes(SpecReferences wanted) {
        List<Violation> clashes = new ArrayList<>();
        for (String output : wanted.outputs()) {
            first(outputs, output)
                    .ifPresent(job -> clashes.add(new Violation(
                            "spec",
                            "makes the model " + output + ", which job " + job
                                    + " will make; choose another output_model")));
        }
        return clashes;
    }

    private synchronized Optional<String> first(Map<String, Set<String>> jobs, String id) {
        follow();
        return jobs.getOrDefault(id, Set.of()).stream().findFirst();
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
        List.of(open, models, datasets, outputs).forEach(Map::clear);
        queue.open().forEach(this::add);
        seen = newest;
    }

    private void take(Change change) {
        String id = change.job().id();
        if (change.deleted() || change.job().state().isFinal()) {
            remove(id);
        } else if (!open.containsKey(id)) {
            queue.find(id).ifPresent(this::add);
        }
        seen = change.revision();
    }

    private void add(Job job) {
        SpecReferences references =
                SpecReferences.of(SpecMapper.decode(job.spec().bytes()));
        open.put(job.id(), references);
        put(models, references.models(), job.id());
        put(datasets, references.datasets(), job.id());
        put(outputs, references.outputs(), job.id());
    }

    private static void put(Map<String, Set<String>> jobs, Set<String> ids, String job) {
        ids.forEach(id -> jobs.computeIfAbsent(id, key -> new LinkedHashSet<>()).add(job));
    }

    private void remove(String job) {
        SpecReferences references = open.remove(job);
        if (references != null) {
            remove(models, references.models(), job);
            remove(datasets, references.datasets(), job);
            remove(outputs, references.outputs(), job);
        }
    }

    private static void remove(Map<String, Set<String>> jobs, Set<String> ids, String job) {
        for (String id : ids) {
            Set<String> those = jobs.get(id);
            those.remove(job);
            if (those.isEmpty()) {
                jobs.remove(id);
            }
        }
    }
}
