package dev.ternion;

import dev.ternion.observe.Traces;
import dev.ternion.observe.otel.OtelTraces;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;

/** Traces of a process, if its operator wants any. */
final class LocalTraces {
    static final String SERVER = "ternion";
    static final String WORKER = "ternion-worker";

    private LocalTraces() {}

    /**
     * Opens them; without a collector no class of OpenTelemetry is loaded.
     *
     * @throws IOException if the libraries are missing: a server does not start then
     */
    static Optional<Traces> open(Optional<URI> collector, String service) throws IOException {
        if (collector.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OtelTraces.to(collector.get(), service, System::nanoTime));
        } catch (NoClassDefFoundError e) {
            throw new IOException("--traces needs OpenTelemetry's libraries; build with ./mvnw -Potel package", e);
        }
    }
}
