/**
 * Workers: processes that run one attempt at a job each. Claims it, hands it to the {@link dev.ternion.worker.JobRunner}, brings
 * what that says to the server, and ends it; the server's side starts and kills them.
 *
 * <p>Entry: {@link dev.ternion.worker.Attempt}. Ports: {@link dev.ternion.worker.JobRunner}, {@link
 * dev.ternion.worker.ServerLink}.
 */
package dev.ternion.worker;
