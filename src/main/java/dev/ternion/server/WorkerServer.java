package dev.ternion.server;

import dev.ternion.api.internal.v1.Address;
import dev.ternion.jobs.JobRuns;
import dev.ternion.telemetry.TelemetryStore;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Where workers call: a loopback port of its own, for processes that can read a file of the data folder's owner. */
public final class WorkerServer implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int SECRET_BYTES = 32;

    private final Path addressFile;
    private final ExecutorService executor = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "ternion-workers");
        thread.setDaemon(true);
        return thread;
    });
    private final Server server;

    /**
     * Starts it and writes where it listens.
     *
     * @param telemetry where points and lines go
     * @param work counts what workers do
     * @param addressFile that workers read; replaced
     * @param header in which their calls show the secret that stands there
     */
    public WorkerServer(
            JobRuns runs, TelemetryStore telemetry, WorkMetrics work, Path addressFile, Metadata.Key<String> header)
            throws IOException {
        this.addressFile = addressFile;
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        String secret = HexFormat.of().formatHex(bytes);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0))
                .executor(executor)
                .addService(new WorkerGrpcService(runs, telemetry, work))
                .intercept(new SecretInterceptor(header, secret))
                .build()
                .start();
        try {
            write(Address.newBuilder()
                    .setPort(server.getPort())
                    .setSecret(secret)
                    .build());
        } catch (IOException e) {
            server.shutdownNow();
            throw e;
        }
    }

    private void write(Address address) throws IOException {
        Path part = addressFile.resolveSibling(addressFile.getFileName() + ".part");
        Files.deleteIfExists(part);
        Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (OutputStream out = Files.newOutputStream(part)) {
            address.writeTo(out);
        }
        Files.move(part, addressFile, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() throws IOException {
        server.shutdownNow();
        executor.shutdown();
        try {
            server.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(addressFile);
    }

    /** Lets through who has the secret. */
    private record SecretInterceptor(Metadata.Key<String> header, String secret) implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            String shown = headers.get(header);
            if (shown != null && MessageDigest.isEqual(bytes(shown), bytes(secret))) {
                return next.startCall(call, headers);
            }
            call.close(Status.UNAUTHENTICATED.withDescription("not this server's worker"), new Metadata());
            return new ServerCall.Listener<>() {};
        }

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }
}
