package dev.ternion.server;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How the server listens and what it takes.
 *
 * @param host address to bind; loopback unless the operator says otherwise
 * @param port 0 means any free one
 * @param uploadFolder where uploads are collected; emptied at start
 * @param importRoots folders from which server paths may be imported; none means no server paths
 * @param maxUploadBytes bytes of one upload
 * @param threads threads that serve calls
 * @param maxQueuedCalls calls that may wait for those threads before new ones are refused
 * @param heartbeat time between bookmarks of a quiet watch, at most 30 s
 * @param unaryDeadline longest time of a call without streams
 * @param streamDeadline longest time of an upload or download
 * @param quotas of callers
 */
public record ServerSettings(
        String host,
        int port,
        Path uploadFolder,
        List<Path> importRoots,
        long maxUploadBytes,
        int threads,
        int maxQueuedCalls,
        Duration heartbeat,
        Duration unaryDeadline,
        Duration streamDeadline,
        Quotas quotas) {
    /** Bytes of one inbound message. */
    public static final int MAX_MESSAGE_BYTES = 4 << 20;

    /** Bytes of one piece of an upload. */
    public static final int MAX_UPLOAD_CHUNK_BYTES = 1 << 20;

    /** Bytes of one piece of a download. */
    public static final int DOWNLOAD_CHUNK_BYTES = 256 << 10;

    /** Calls of one connection at a time. */
    public static final int MAX_CALLS_PER_CONNECTION = 256;

    public ServerSettings {
        importRoots = List.copyOf(importRoots);
        if (heartbeat.isNegative() || heartbeat.isZero() || heartbeat.compareTo(Duration.ofSeconds(30)) > 0) {
            throw new IllegalArgumentException("heartbeat " + heartbeat + ", wanted above 0, at most 30 s");
        }
    }

    /** The usual settings, on loopback. */
    public static ServerSettings loopback(int port, Path uploadFolder, List<Path> importRoots) {
        return new ServerSettings(
                InetAddress.getLoopbackAddress().getHostAddress(),
                port,
                uploadFolder,
                importRoots,
                8L << 30,
                16,
                512,
                Duration.ofSeconds(15),
                Duration.ofSeconds(60),
                Duration.ofHours(1),
                Quotas.NONE);
    }

    /** The same with another heartbeat. */
    public ServerSettings withHeartbeat(Duration other) {
        return new ServerSettings(
                host,
                port,
                uploadFolder,
                importRoots,
                maxUploadBytes,
                threads,
                maxQueuedCalls,
                other,
                unaryDeadline,
                streamDeadline,
                quotas);
    }

    /** The same with another bound of uploads. */
    public ServerSettings withMaxUploadBytes(long other) {
        return new ServerSettings(
                host,
                port,
                uploadFolder,
                importRoots,
                other,
                threads,
                maxQueuedCalls,
                heartbeat,
                unaryDeadline,
                streamDeadline,
                quotas);
    }

    /** The same with quotas. */
    public ServerSettings withQuotas(Quotas other) {
        return new ServerSettings(
                host,
                port,
                uploadFolder,
                importRoots,
                maxUploadBytes,
                threads,
                maxQueuedCalls,
                heartbeat,
                unaryDeadline,
                streamDeadline,
                other);
    }

    /** The same on another address. */
    public ServerSettings withHost(String other) {
        return new ServerSettings(
                other,
                port,
                uploadFolder,
                importRoots,
                maxUploadBytes,
                threads,
                maxQueuedCalls,
                heartbeat,
                unaryDeadline,
                streamDeadline,
                quotas);
    }
}
