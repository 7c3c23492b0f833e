/**
 * Who changed what: lines that are only ever added, each with the hash of the one before.
 *
 * <p>Entry: {@link dev.ternion.audit.AuditLog} to write, {@link dev.ternion.audit.AuditCheck} to find what somebody else has written.
 */
package dev.ternion.audit;
