/**
 * Runs jobs: claims the next one, hands it to the {@link dev.ternion.worker.JobRunner}, turns what that says into
 * events, and ends the job.
 *
 * <p>Entry: {@link dev.ternion.worker.JobWorker}. Port: {@link dev.ternion.worker.JobRunner}.
 */
package dev.ternion.worker;
