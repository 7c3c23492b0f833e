/**
 * Jobs, their states, their queue and their numbered events; what a job does is opaque bytes here. Imports nothing of
 * ours, so that a durable store or another server can take the place of what is around it.
 *
 * <p>Entry: {@link dev.ternion.jobs.JobQueue}. Port: {@link dev.ternion.jobs.JobStore}.
 */
package dev.ternion.jobs;
