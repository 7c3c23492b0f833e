package dev.ternion.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a server until it is stopped. */
@Command(name = "serve", description = "Runs a server until it is stopped (Ctrl-C, or SIGTERM).")
final class ServeCommand implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--data",
            defaultValue = "ternion-data",
            paramLabel = "DIR",
            description = "Data folder. Default: ternion-data.")
    private Path data;

    @Option(names = "--host", defaultValue = "127.0.0.1", paramLabel = "HOST", description = "Default: 127.0.0.1.")
    private String host;

    @Mixin
    private ServeSecurityOptions securityOptions;

    @Option(
            names = "--port",
            defaultValue = "8080",
            paramLabel = "PORT",
            description = "Default: 8080; 0 for a free one.")
    private int port;

    @Option(
            names = "--threads",
            defaultValue = "0",
            paramLabel = "N",
            description = "Compute threads. Default: one on each core.")
    private int threads;

    @Option(
            names = "--import-root",
            paramLabel = "DIR",
            description = "Folder that imports may read by path; may be repeated. Default: none.")
    private List<Path> importRoots = new ArrayList<>();

    @Option(
            names = "--queue-limit",
            defaultValue = "100",
            paramLabel = "N",
            description = "Jobs that may wait. Default: 100.")
    private int queueLimit;

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            description = "Serves metrics for Prometheus there, at /metrics; 0 for a free port. Default: not at all.")
    private Integer metricsPort;

    @Option(
            names = "--metrics-host",
            defaultValue = "127.0.0.1",
            paramLabel = "HOST",
            description = "Address of the metrics. Whoever reaches it may read them. Default: 127.0.0.1.")
    private String metricsHost;

    @Option(
            names = "--log-format",
            defaultValue = "TEXT",
            paramLabel = "text|json",
            description = "What stderr gets: text (the default), or one JSON object a line.")
    private LogFormat logFormat;

    @Option(
            names = "--objects",
            paramLabel = "s3://BUCKET[/PREFIX]",
            description =
                    "Keeps models, data sets, uploads and checkpoints in S3 too, with the keys of the environment. Default: in the data folder alone.")
    private String bucket;

    @Option(
            names = "--objects-endpoint",
            defaultValue = "",
            paramLabel = "URL",
            description = "https://HOST[:PORT] of another S3 server than Amazon's.")
    private String endpoint;

    @Option(
            names = "--traces",
            paramLabel = "URL",
            description =
                    "Sends traces to a collector of OpenTelemetry, by OTLP over HTTP: http(s)://HOST[:PORT][/PATH]. Default: none.")
    private String traces;

    @Option(
            names = "--quotas",
            paramLabel = "FILE",
            description = "JSON file of what each caller may have at a time. See SECURITY.md. Default: no quotas.")
    private Path quotas;

    @Option(
            names = "--database",
            paramLabel = "FILE",
            description =
                    "Keeps jobs in the PostgreSQL database that this JSON file names. See OPERATIONS.md. Default: in the data folder.")
    private Path database;

    /** What stderr gets. */
    enum LogFormat {
        /** For people. */
        TEXT,
        /** One JSON object a line, of this command too. */
        JSON
    }

    ServeCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!isPort(port) || metricsPort != null && !isPort(metricsPort) || threads < 0 || queueLimit < 1) {
            throw new CliException(
                    ExitCode.USAGE,
                    "wanted --port and --metrics-port 0 to 65535, --threads 0 or more, --queue-limit 1 or more");
        }
        ServeSecurity security = securityOptions.read(host);
        ServeOptions options = new ServeOptions(
                data.toAbsolutePath().normalize(),
                host,
                port,
                threads,
                importRoots,
                queueLimit,
                security,
                Optional.ofNullable(metricsPort).map(number -> new ServeOptions.MetricsAddress(metricsHost, number)),
                logFormat == LogFormat.JSON,
                Optional.ofNullable(bucket).map(address -> new ServeOptions.BucketAddress(address, endpoint)),
                TracesOption.read(traces),
                Optional.ofNullable(quotas),
                Optional.ofNullable(database));
        RunningServer server;
        try {
            server = session.launcher().start(options);
        } catch (Launcher.StartException e) {
            throw new CliException(ExitCode.UNAVAILABLE, "The server cannot start: " + e.getMessage());
        }
        AtomicBoolean stopped = new AtomicBoolean();
        Thread hook = new Thread(() -> end(server, stopped), "stop-server");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            String address = address(host, server.port());
            AddressFile.write(server.dataFolder(), address);
            say("Ternion serves at " + address + ", data folder " + server.dataFolder());
            String warning = securityOptions.warning(security, address);
            if (!warning.isEmpty()) {
                say(warning);
            }
            say("Stop it with Ctrl-C. Try: bin/ternion jobs list --server " + address
                    + (security.tls() ? " --ca FILE" : "") + (security.authenticates() ? " --token-file FILE" : ""));
            ObjectNode json = JsonNodeFactory.instance
                    .objectNode()
                    .put("address", address)
                    .put("dataFolder", server.dataFolder().toString())
                    .put("pid", ProcessHandle.current().pid());
            server.metricsPort().ifPresent(number -> {
                String metrics = "http://" + address(metricsHost, number) + "/metrics";
                say("Metrics for Prometheus at " + metrics);
                json.put("metrics", metrics);
            });
            session.json(json.toPrettyString());
            server.awaitTermination();
            return ExitCode.OK;
        } finally {
            stop(server, stopped);
        }
    }

    /** A line for people, or of the log. */
    private void say(String line) {
        if (logFormat == LogFormat.JSON) {
            LoggerFactory.getLogger(ServeCommand.class).info(line);
        } else {
            session.say(line);
        }
    }

    private static boolean isPort(int number) {
        return number >= 0 && number <= 65_535;
    }

    private static String address(String host, int port) {
        return new ServerAddress(host.contains(":") ? "[" + host + "]" : host, port).toString();
    }

    /** A process that was told to end and has stopped its server has done what it was told: status 0, not that of the signal. */
    private static void end(RunningServer server, AtomicBoolean stopped) {
        if (stop(server, stopped)) {
            server.halt(ExitCode.OK);
        }
    }

    /** Stops the server, once: at the end, or when the process is told to end. */
    private static boolean stop(RunningServer server, AtomicBoolean stopped) {
        boolean first = stopped.compareAndSet(false, true);
        if (first) {
            AddressFile.delete(server.dataFolder());
            server.close();
        }
        return first;
    }
}
