package dev.ternion.observe.otel;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;

/** A collector of OTLP over HTTP. */
public final class SpanCollector implements AutoCloseable {
    /** All that has come. */
    public final List<Span> spans = new CopyOnWriteArrayList<>();

    /** Names of services that have sent. */
    public final List<String> services = new CopyOnWriteArrayList<>();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile boolean hangs;

    public SpanCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", this::take);
        server.setExecutor(threads);
        server.start();
    }

    /** One that takes what comes and answers when it is {@link #release}d. */
    SpanCollector hanging() {
        hangs = true;
        return this;
    }

    void release() {
        hangs = false;
        released.countDown();
    }

    /** Where spans are posted. */
    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces");
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            ExportTraceServiceRequest request =
                    ExportTraceServiceRequest.parseFrom(new GZIPInputStream(exchange.getRequestBody()));
            if (hangs) {
                released.await();
            }
            request.getResourceSpansList().forEach(of -> {
                services.add(attributes(of.getResource().getAttributesList()).get("service.name"));
                of.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList()));
            });
            exchange.sendResponseHeaders(200, 2);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(new byte[] {0x0a, 0x00});
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Values as text. */
    public static Map<String, String> attributes(List<KeyValue> pairs) {
        Map<String, String> all = new TreeMap<>();
        pairs.forEach(pair -> all.put(
                pair.getKey(),
                pair.getValue().hasIntValue()
                        ? String.valueOf(pair.getValue().getIntValue())
                        : pair.getValue().getStringValue()));
        return all;
    }

    public static String hex(com.google.protobuf.ByteString id) {
        return HexFormat.of().formatHex(id.toByteArray());
    }

    @Override
    public void close() {
        release();
        server.stop(0);
        threads.shutdownNow();
    }
}
