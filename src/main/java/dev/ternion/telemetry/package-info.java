/**
 * What a training measures and says: series of points and lines of a log, packed, sampled, and kept behind a port. Pure but for the
 * port.
 */
package dev.ternion.telemetry;
