package dev.ternion.server;

import com.google.protobuf.ByteString;
import dev.ternion.api.v1.FileChunk;
import dev.ternion.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;

/** Texts of requests: page and resume tokens, filters, server paths, names of uploaded files. */
public final class RequestFuzz {
    private static final PageTokens TOKENS = new PageTokens(new byte[16], Clock.systemUTC());

    private RequestFuzz() {}

    /** One for each kind of text. */
    public static List<FuzzTarget> targets() {
        List<String> paths =
                List.of("..", "/", "\\", "%2e", "%252e", "\0", ".", "a", "imports", "//", "~", "\u00fc", "C:");
        return List.of(
                new Text(
                        "page-token",
                        TOKENS.write("jobs []", "42"),
                        List.of("=", "-", "_", "AAAA"),
                        (text, folder) -> TOKENS.read("jobs []", text)),
                new Text(
                        "filter",
                        "state=RUNNING OR state=\"QUEUED\"",
                        List.of(" OR ", "state=", "\"", " ", "\t", "=", "STATE_", "RUNNING", "\n"),
                        (text, folder) -> StateFilter.read(text)),
                new Text(
                        "resume-token",
                        new ResumeToken("f".repeat(32), new WatchPosition(WatchPosition.Phase.LIVE, 1, 2), Set.of())
                                .text(),
                        List.of("=", "-", "_", "AAAA", "ICA", "MSBm", "TElWRSAx", "LTEgLTEg"),
                        (text, folder) -> ResumeToken.read(text)),
                new Text("server-path", "a/model.onnx", paths, RequestFuzz::serverPath),
                new Text("upload-name", "onnx/model.onnx", paths, RequestFuzz::upload));
    }

    private static ImportSources sources(Path folder) throws Exception {
        Path root = Files.createDirectories(folder.resolve("imports/a")).getParent();
        return new ImportSources(ServerSettings.loopback(0, folder.resolve("uploads"), List.of(root)), null);
    }

    private static void serverPath(String text, Path folder) throws Exception {
        Path root = folder.resolve("imports").toAbsolutePath();
        Path taken = sources(folder).serverPath(text);
        if (!taken.startsWith(root.toRealPath())) {
            throw new AssertionError("led out to " + taken);
        }
    }

    private static void upload(String text, Path folder) throws Exception {
        try (UploadFolder upload = sources(folder).upload()) {
            upload.add(FileChunk.newBuilder()
                    .setPath(text)
                    .setData(ByteString.copyFromUtf8("x"))
                    .setLast(true)
                    .build());
            if (!upload.fileOrFolder().toRealPath().startsWith(upload.folder().toRealPath())) {
                throw new AssertionError("led out to " + upload.fileOrFolder());
            }
        }
    }

    private interface Reader {
        void read(String text, Path folder) throws Exception;
    }

    private record Text(String name, String seed, List<String> words, Reader reader) implements FuzzTarget {
        @Override
        public List<byte[]> seeds() {
            return List.of(seed.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void parse(byte[] input, Path scratch) throws Exception {
            reader.read(new String(input, StandardCharsets.UTF_8), scratch);
        }

        @Override
        public boolean isDocumented(Throwable thrown) {
            return thrown instanceof Refusal;
        }
    }
}
