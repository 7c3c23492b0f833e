/**
 * Traces by OpenTelemetry's SDK, sent by OTLP over HTTP. The SDK is on the class path of a build with the profile {@code otel} alone.
 *
 * <p>Entry: {@link dev.ternion.observe.otel.OtelTraces}.
 */
package dev.ternion.observe.otel;
