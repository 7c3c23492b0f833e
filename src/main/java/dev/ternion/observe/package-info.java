/**
 * What a server tells of itself: metrics in Prometheus' text format on a port of their own, and the log as JSON.
 *
 * <p>Entry: {@link dev.ternion.observe.Metrics}.
 */
package dev.ternion.observe;
