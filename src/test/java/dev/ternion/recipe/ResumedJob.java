package dev.ternion.recipe;

import dev.ternion.api.SpecReferences;
import dev.ternion.recipe.checkpoint.About;
import dev.ternion.recipe.checkpoint.Checkpoints;
import dev.ternion.recipe.checkpoint.FolderCheckpoints;
import dev.ternion.recipe.checkpoint.Origin;
import dev.ternion.recipe.checkpoint.RequestedCheckpoints;
import dev.ternion.recipe.checkpoint.Sources;
import dev.ternion.recipe.report.JobReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;

/** One job that is stopped and taken up, with all it says and all it leaves. */
final class ResumedJob {
    /** Seconds that the clock of checkpoints goes on each time it is read: one is due after every third step. */
    static final int SOMETIMES = 25;
    /** None is due between evaluations. */
    static final int NEVER = 0;
    /** One is due after every step. */
    static final int ALWAYS = 60;

    /**
     * What a run leaves.
     *
     * @param report without its durations
     * @param files SHA-256 of every file of every model it names
     */
    record Outcome(JobReport report, Map<String, String> files) {}

    /** How a run is stopped. */
    enum Stop {
        /** Asked to, in order to go on later. */
        DRAINED,
        /** Without a word. */
        KILLED
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final TinyWorkspace tiny;
    private final JobSpec spec;
    private final Path folder;

    ResumedJob(TinyWorkspace tiny, JobSpec spec, Path folder) {
        this.tiny = tiny;
        this.spec = spec;
        this.folder = folder;
    }

    /** What a run has said: steps and evaluations, in order. */
    final List<Object> said = new ArrayList<>();

    /** Runs without checkpoints. */
    Outcome whole() throws Exception {
        return outcome(run(Checkpoints.none(), Integer.MAX_VALUE, null));
    }

    /** Runs to the end, from the newest checkpoint if there is one. */
    Outcome finish(int secondsPerReading) throws Exception {
        return outcome(run(checkpoints(secondsPerReading), Integer.MAX_VALUE, null));
    }

    /** Runs to the end; asked for a checkpoint from every fourth look on until it has answered. What it answered. */
    List<OptionalLong> asked(List<Outcome> outcome) throws Exception {
        List<OptionalLong> answers = new ArrayList<>();
        int[] looks = new int[1];
        CancelToken token = new CancelToken() {
            @Override
            public boolean isCancelled() {
                return false;
            }

            @Override
            public Optional<CheckpointRequest> checkpoint() {
                return ++looks[0] < 4 ? Optional.empty() : Optional.of(this::answer);
            }

            private void answer(OptionalLong step) {
                looks[0] = 0;
                answers.add(step);
            }
        };
        outcome.add(outcome(run(new RequestedCheckpoints(checkpoints(NEVER), token), Integer.MAX_VALUE, null)));
        return answers;
    }

    /** Origins of the checkpoints that are there, by rising step. */
    List<Origin> origins() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            List<Origin> origins = new ArrayList<>();
            for (Path checkpoint : all.sorted().toList()) {
                origins.add(About.read(checkpoint).orElseThrow().origin());
            }
            return origins;
        }
    }

    /** Runs until it has said so much; returns whether it stopped before its end. */
    boolean stop(Stop how, int after, int secondsPerReading) throws Exception {
        try {
            run(checkpoints(secondsPerReading), after, how);
            return false;
        } catch (JobCancelled | Killed e) {
            return true;
        }
    }

    private Checkpoints checkpoints(int secondsPerReading) {
        long[] nanos = new long[1];
        SpecReferences reads = SpecReferences.of(spec);
        Sources sources = Sources.of(tiny.workspace, reads.models(), reads.datasets());
        return new FolderCheckpoints(
                folder, spec.checkpoints(), sources, () -> nanos[0] += secondsPerReading * 1_000_000_000L);
    }

    private JobReport run(Checkpoints checkpoints, int after, Stop how) throws JobFailure, JobCancelled {
        said.clear();
        JobListener listener = new JobListener() {
            @Override
            public void phase(Phase phase, String arm, long seed, String message) {}

            @Override
            public void step(StepProgress progress) {
                say(progress);
            }

            @Override
            public void evaluation(Evaluation evaluation) {
                say(evaluation);
            }

            private void say(Object event) {
                if (how == Stop.KILLED && said.size() >= after) {
                    throw new Killed();
                }
                said.add(event);
            }
        };
        CancelToken cancel = new CancelToken() {
            @Override
            public boolean isCancelled() {
                return isDraining();
            }

            @Override
            public boolean isDraining() {
                return how == Stop.DRAINED && said.size() >= after;
            }
        };
        return Recipes.run(tiny.context(), spec, checkpoints, listener, cancel);
    }

    private Outcome outcome(JobReport report) throws Exception {
        Map<String, String> files = new TreeMap<>();
        for (String model : report.models()) {
            try (Stream<Path> all = Files.list(tiny.workspace.model(model))) {
                for (Path file : all.toList()) {
                    files.put(model + "/" + file.getFileName(), TinyWorkspace.sha256(file));
                }
            }
            delete(tiny.workspace.model(model));
        }
        return new Outcome(timeless(report), files);
    }

    private static JobReport timeless(JobReport report) {
        List<JobReport.Run> runs = report.runs().stream()
                .map(run -> new JobReport.Run(
                        run.arm(),
                        run.role(),
                        run.seed(),
                        run.metrics(),
                        run.best(),
                        run.bestStep(),
                        run.stepsToTeacherShare(),
                        run.steps(),
                        0,
                        run.fp32Bytes(),
                        run.packedBytes(),
                        run.model(),
                        run.digest()))
                .toList();
        return new JobReport(
                report.kind(),
                report.primaryMetric(),
                report.teacher(),
                runs,
                report.contrasts(),
                report.models(),
                report.notes(),
                report.execution());
    }

    /** Forgets all checkpoints. */
    void forget() throws IOException {
        delete(folder);
    }

    static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
