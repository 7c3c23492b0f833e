package dev.ternion.observe;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers {@code GET /metrics} on a port of its own, with few threads of its own: who asks too often waits for himself. */
public final class MetricsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsServer.class);
    private static final String PATH = "/metrics";
    private static final int THREADS = 2;
    private static final int WAITING = 16;
    /** A request or an answer that takes longer is cut. */
    private static final int SECONDS = 5;

    static {
        // The server of the JDK reads them once, when it is loaded.
        System.setProperty("sun.net.httpserver.maxReqTime", String.valueOf(SECONDS));
        System.setProperty("sun.net.httpserver.maxRspTime", String.valueOf(SECONDS));
    }

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final Metrics metrics;

    private MetricsServer(HttpServer server, Metrics metrics) {
        this.server = server;
        this.metrics = metrics;
        AtomicInteger count = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task -> {
                    Thread thread = new Thread(task, "ternion-metrics-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
    }

    /**
     * Starts it.
     *
     * @param port 0 for a free one
     * @throws IOException if the address cannot be listened on
     */
    public static MetricsServer start(Metrics metrics, String host, int port) throws IOException {
        HttpServer http;
        try {
            http = HttpServer.create(new InetSocketAddress(host, port), WAITING);
        } catch (IOException e) {
            throw new IOException("metrics cannot be served at " + host + ":" + port + ": " + e.getMessage(), e);
        }
        MetricsServer started = new MetricsServer(http, metrics);
        http.start();
        return started;
    }

    /** The port it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals(PATH)) {
                send(exchange, 404, "metrics are at " + PATH + "\n");
            } else if (!exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().set("Allow", "GET");
                send(exchange, 405, "only GET\n");
            } else {
                sendMetrics(exchange);
            }
        }
    }

    private void sendMetrics(HttpExchange exchange) throws IOException {
        String text;
        try {
            text = metrics.text();
        } catch (RuntimeException e) {
            LOG.warn("metrics could not be read", e);
            send(exchange, 500, "metrics could not be read; the server's log says why\n");
            return;
        }
        send(exchange, 200, text);
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", TextFormat.CONTENT_TYPE);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
