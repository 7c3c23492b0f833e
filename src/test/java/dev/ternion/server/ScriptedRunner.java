package dev.ternion.server;

import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.JobSpec;
import dev.ternion.recipe.report.JobReport;
import dev.ternion.worker.JobRunner;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A job that makes one step for every permit, and ends after its steps, when cancelled, or when it may not fail. */
final class ScriptedRunner implements JobRunner {
    private final Semaphore permits = new Semaphore(0);
    private volatile int steps = 3;
    private volatile boolean tellsSteps;
    private volatile boolean deaf;
    private volatile JobFailure failure;
    private volatile Consumer<CancelToken.CheckpointRequest> checkpointing = request -> {};

    /** Lets the job make this many steps. */
    void allow(int count) {
        permits.release(count);
    }

    /** Jobs have this many steps. */
    void steps(int count) {
        steps = count;
    }

    /** Called between looks for a permit while somebody asks for a checkpoint. */
    void onCheckpoint(Consumer<CancelToken.CheckpointRequest> maker) {
        checkpointing = maker;
    }

    /** Jobs tell their progress too. */
    void tellSteps() {
        tellsSteps = true;
    }

    /** Whether jobs hear nothing of being cancelled or paused. */
    void deaf(boolean newDeaf) {
        deaf = newDeaf;
    }

    /** Jobs fail instead of ending. */
    void failWith(JobFailure cause) {
        failure = cause;
    }

    @Override
    public JobReport run(String jobId, JobSpec spec, JobListener listener, CancelToken cancel)
            throws JobFailure, JobCancelled {
        listener.phase(JobListener.Phase.TRAINING, "", 42, "trains");
        for (int step = 1; step <= steps; step++) {
            awaitPermit(cancel);
            if (tellsSteps) {
                listener.step(
                        new JobListener.StepProgress("", 42, step, step, steps, 1, 0.1, Map.of("total", 0.5), ""));
            }
            // As evaluations, which are never thinned out: a watch must see every one.
            listener.evaluation(new JobListener.Evaluation("", 42, step, Map.of("ACCURACY", 0.5), Map.of()));
        }
        if (failure != null) {
            throw failure;
        }
        return new JobReport(
                "EVALUATE",
                "ACCURACY",
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of("scripted"),
                new JobReport.Execution("none", "FP32", List.of()));
    }

    private void awaitPermit(CancelToken cancel) throws JobCancelled {
        try {
            while (!permits.tryAcquire(2, TimeUnit.MILLISECONDS)) {
                cancel.checkpoint().ifPresent(checkpointing);
                if (!deaf && cancel.isCancelled()) {
                    throw new JobCancelled();
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
