package dev.ternion.server;

import dev.ternion.api.SpecMapper;
import dev.ternion.api.SpecReferences;
import dev.ternion.api.Violation;
import dev.ternion.jobs.Job;
import dev.ternion.jobs.JobQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What the jobs that are not final read and will make. */
final class ActiveReferences {
    private final JobQueue queue;

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

    private Optional<String> find(Predicate<SpecReferences> matches) {
        return queue.open().stream()
                .filter(job -> matches.test(
                        SpecReferences.of(SpecMapper.decode(job.spec().bytes()))))
                .map(Job::id)
                .findFirst();
    }
}
