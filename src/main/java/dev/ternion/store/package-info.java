/**
 * Jobs and events on disk: the durable {@link dev.ternion.jobs.JobStore}, on SQLite in a folder or on PostgreSQL.
 *
 * <p>Entry: {@link dev.ternion.store.JobDatabase}.
 */
package dev.ternion.store;
