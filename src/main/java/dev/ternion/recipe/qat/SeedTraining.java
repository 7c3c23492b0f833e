package dev.ternion.recipe.qat;

import dev.ternion.backend.Device;
import dev.ternion.data.BatchOrder;
import dev.ternion.intervention.Site;
import dev.ternion.model.bert.BertModel;
import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.RecipeContext;
import dev.ternion.recipe.TaskData;
import dev.ternion.recipe.checkpoint.Checkpoints;
import dev.ternion.recipe.checkpoint.Moment;
import dev.ternion.recipe.checkpoint.Origin;
import dev.ternion.recipe.checkpoint.Snapshot;
import dev.ternion.training.Evaluator;
import dev.ternion.training.PendingStep;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The arms of one seed: their steps in lockstep, evaluations and checkpoints, and their students at the end. */
final class SeedTraining implements AutoCloseable {
    /** The job that a seed is part of. */
    record Job(
            RecipeContext context, QatSpec spec, Checkpoints checkpoints, JobListener listener, CancelToken cancel) {}

    /** What all trainings of a job read. */
    record Shared(BertModel teacher, TaskData data, Evaluator evaluator, TeacherReference reference) {}

    private final Job job;
    private final Shared shared;
    private final List<Snapshot.Finished> finished;
    private final QatSpec spec;
    private final long seed;
    private final int total;
    private final BatchOrder order;
    private final List<ArmRun> runs = new ArrayList<>();

    /** @param finished trainings of the seeds before this one */
    SeedTraining(Job job, Shared shared, List<Snapshot.Finished> finished) {
        this.job = job;
        this.shared = shared;
        this.finished = List.copyOf(finished);
        spec = job.spec();
        seed = spec.seeds().get(finished.size() / spec.arms().size());
        total = spec.budget().totalSteps(shared.data().trainRows());
        order = shared.data().order(seed, spec.budget().batchSize());
        Device device = shared.teacher().parameters().device();
        try {
            for (ArmSpec arm : spec.arms()) {
                runs.add(new ArmRun(device, spec, arm, seed, total, shared.teacher()));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Goes on where an earlier run stopped. */
    void restore(List<Snapshot.Running> from) throws IOException {
        for (int i = 0; i < runs.size(); i++) {
            runs.get(i).restore(from.get(i));
        }
    }

    /** Trains to the last step and stores the students. */
    List<Snapshot.Finished> run() throws IOException, JobCancelled {
        runs.forEach(
                run -> job.listener().phase(run.phase(), run.arm().name(), seed, "training for " + total + " steps"));
        try (Lockstep arms = new Lockstep(
                shared.teacher(), spec.precision(), runs, job.context().nanos(), this::report)) {
            train(arms);
        }
        return save();
    }

    private void train(Lockstep arms) throws JobCancelled {
        for (int step = step(); ; step++) {
            if (evaluationDue(step) && !evaluated()) {
                arms.settle();
                evaluate();
                checkpoint(step == total ? Origin.FINAL : Origin.EVALUATION);
            } else if (job.checkpoints().due(step)) {
                arms.flush();
                checkpoint(Origin.PERIODIC);
            }
            if (step == total) {
                return;
            }
            if (job.cancel().isCancelled()) {
                arms.flush();
                stop();
            }
            arms.step(shared.data().batch(order.at(step)));
        }
    }

    /** Steps done, the same for all arms. */
    private int step() {
        return runs.get(0).stepsDone();
    }

    private boolean evaluationDue(int step) {
        int every = spec.budget().evalEvery();
        boolean endsIntervention = spec.arms().stream()
                .anyMatch(arm -> arm.schedule() != null && arm.schedule().steps() == step);
        return step > 0 && (step == total || endsIntervention || every > 0 && step % every == 0);
    }

    private boolean evaluated() {
        return runs.stream().allMatch(run -> run.history().step() == run.stepsDone());
    }

    /** Of the arms that an earlier run has not evaluated at this step. */
    private void evaluate() throws JobCancelled {
        Reference reference = shared.reference().get();
        for (ArmRun run : runs) {
            if (run.history().step() == run.stepsDone()) {
                continue;
            }
            if (job.cancel().isCancelled()) {
                stop();
            }
            long begin = job.context().nanos().getAsLong();
            ArmSpec arm = run.arm();
            int last = run.stepsDone() - 1;
            boolean intervening =
                    arm.schedule() != null && last < arm.schedule().steps();
            Site site = intervening ? arm.schedule().at(seed, last) : null;
            job.listener()
                    .evaluation(run.evaluate(shared.data(), shared.evaluator(), shared.teacher(), reference, site));
            run.addSeconds((job.context().nanos().getAsLong() - begin) * 1e-9);
        }
    }

    private void stop() throws JobCancelled {
        if (job.cancel().isDraining()) {
            checkpoint(Origin.PREEMPT);
        }
        throw new JobCancelled();
    }

    /** To be called when all steps have been reported: then none had a loss that is not finite. */
    private void checkpoint(Origin origin) {
        job.listener().settle();
        long before = (long) finished.size() / runs.size() * total;
        List<Snapshot.Running> running = runs.stream().map(ArmRun::snapshot).toList();
        List<String> arms = runs.stream().map(run -> run.arm().name()).toList();
        job.checkpoints().save(spec, new Moment(before + step(), seed, arms, origin), new Snapshot(finished, running));
    }

    private void report(int index, PendingStep done) {
        ArmRun run = runs.get(index);
        Site site = done.site();
        long before = (long) finished.size() * total;
        job.listener()
                .step(new JobListener.StepProgress(
                        run.arm().name(),
                        seed,
                        done.number() + 1,
                        before + (long) done.number() * runs.size() + index + 1,
                        (long) total * spec.arms().size() * spec.seeds().size(),
                        order.sizeAt(done.number()),
                        done.learningRate(),
                        done.losses(),
                        site == null ? "" : site.name()));
        ArmSpec arm = run.arm();
        boolean lastOfPhase =
                arm.schedule() != null && done.number() + 1 == arm.schedule().steps();
        if (lastOfPhase && done.number() + 1 < total) {
            job.listener().phase(JobListener.Phase.FULL_QAT, arm.name(), seed, "intervention off, fresh optimizer");
        }
    }

    private List<Snapshot.Finished> save() throws IOException {
        List<Snapshot.Finished> stored = new ArrayList<>();
        for (ArmRun run : runs) {
            String id = spec.outputModel() + "-" + run.arm().name() + "-" + seed;
            job.listener().phase(JobListener.Phase.SAVING, run.arm().name(), seed, "storing " + id);
            stored.add(QatReport.store(job.context(), spec, run, id));
        }
        return stored;
    }

    @Override
    public void close() {
        runs.forEach(ArmRun::close);
    }
}
