package dev.ternion.worker;

import dev.ternion.recipe.CancelToken;
import dev.ternion.recipe.JobCancelled;
import dev.ternion.recipe.JobFailure;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.JobSpec;
import dev.ternion.recipe.report.JobReport;

/** Does what a spec asks. Port; implemented where the recipes are known. */
@FunctionalInterface
public interface JobRunner {
    /**
     * Runs a job to its end, on the calling thread; one that was stopped before goes on.
     *
     * @param jobId under which it goes on
     * @param listener told what happens
     * @param cancel asked between steps
     * @return the report; models it names are stored
     * @throws JobFailure if the job cannot go on
     * @throws JobCancelled once {@code cancel} says so
     */
    JobReport run(String jobId, JobSpec spec, JobListener listener, CancelToken cancel) throws JobFailure, JobCancelled;
}
