package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import dev.ternion.Traversals;
import dev.ternion.api.Violation;
import dev.ternion.api.v1.DatasetFormat;
import dev.ternion.api.v1.FileChunk;
import dev.ternion.api.v1.TabularFormat;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths and names that try to lead an import out of its folders. */
class TraversalTest {
    @TempDir
    Path folder;

    private Path root;
    private ImportSources sources;

    @BeforeEach
    void makeRoot() throws Exception {
        root = Files.createDirectories(folder.resolve("imports"));
        Files.createDirectories(root.resolve("a"));
        Files.writeString(folder.resolve("secret.txt"), "secret");
        Files.createDirectories(folder.resolve("imports-too"));
        Files.writeString(folder.resolve("imports-too/secret.txt"), "secret");
        sources = new ImportSources(ServerSettings.loopback(0, folder.resolve("uploads"), List.of(root)), null);
    }

    static Stream<String> names() {
        return Traversals.names().stream();
    }

    @Test
    void thereAreMoreThanSixty() {
        assertThat(names().distinct()).hasSizeGreaterThan(60).hasSameSizeAs(Traversals.names());
    }

    private Refusal refused(String path) {
        Refusal refusal = catchThrowableOfType(Refusal.class, () -> sources.serverPath(path));
        assertThat(refusal).as(path).isNotNull().hasMessageStartingWith("PATH_NOT_ALLOWED: ");
        return refusal;
    }

    @ParameterizedTest
    @MethodSource("names")
    void serverPath_isRefused(String name) {
        assertThat(refused(name)).hasMessageNotContaining(folder.toString());
    }

    @Test
    void serverPath_elsewhereLooksLikeOneThatIsAbsent() {
        String wanted = "wanted an existing file or folder under one of the server's import roots";
        assertThat(refused(folder.resolve("secret.txt").toString())).hasMessageEndingWith(wanted);
        assertThat(refused(folder.resolve("absent.txt").toString())).hasMessageEndingWith(wanted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.onnx", "a/../model.onnx", ".", "a", "inside", "./a//.."})
    void serverPath_underTheRootIsTaken(String path) throws Exception {
        Files.writeString(root.resolve("model.onnx"), "x");
        Files.createSymbolicLink(root.resolve("inside"), root.resolve("model.onnx"));
        assertThat(sources.serverPath(path))
                .isEqualTo(root.toRealPath().resolve(path).toRealPath());
        assertThat(sources.serverPath(root.resolve(path).toString())).isEqualTo(sources.serverPath(path));
    }

    private interface Maker {
        void make(Path at) throws Exception;
    }

    private void assertNeverOpened(Maker maker) throws Exception {
        Path alone = root.resolve("thing");
        maker.make(alone);
        refused("thing");
        Files.delete(alone);
        Path inFolder = Files.createDirectories(root.resolve("set")).resolve("train.tsv");
        maker.make(inFolder);
        assertThat(refused("set")).hasMessageContaining("\"train.tsv\" there is a link that leads elsewhere");
        Files.writeString(root.resolve("set/model.onnx"), "x");
        assertThat(refused("set/model.onnx")).hasMessageContaining("\"train.tsv\" there is");
        DatasetFormat format = DatasetFormat.newBuilder()
                .setTabular(TabularFormat.newBuilder().setTrainFile("set/train.tsv"))
                .build();
        assertThatThrownBy(() -> DatasetFiles.requireInside(format, root))
                .hasMessageContaining("wanted the path of one of the files sent");
    }

    @Test
    void links_thatLeadOut() throws Exception {
        assertNeverOpened(at -> Files.createSymbolicLink(at, folder.resolve("secret.txt")));
        assertThat(folder.resolve("secret.txt")).content().isEqualTo("secret");
    }

    @Test
    void links_toNothingToThemselvesAndToDevices() throws Exception {
        assertNeverOpened(at -> Files.createSymbolicLink(at, folder.resolve("absent")));
        Files.delete(root.resolve("set/train.tsv"));
        Files.createSymbolicLink(root.resolve("set/train.tsv"), Path.of("train.tsv"));
        assertThat(refused("set")).hasMessageContaining("train.tsv");
        Files.delete(root.resolve("set/train.tsv"));
        Files.createSymbolicLink(root.resolve("set/train.tsv"), Path.of("/dev/zero"));
        assertThat(refused("set")).hasMessageContaining("train.tsv");
        refused("set/train.tsv");
    }

    @Test
    void hardLinks() throws Exception {
        assertNeverOpened(at -> Files.createLink(at, folder.resolve("secret.txt")));
    }

    /** Opening a pipe to read would wait for ever. */
    @Test
    void pipes() throws Exception {
        assertNeverOpened(at -> assertThat(
                        new ProcessBuilder("mkfifo", at.toString()).start().waitFor())
                .isZero());
    }

    @Test
    void sockets() throws Exception {
        assertNeverOpened(at -> {
            try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                socket.bind(UnixDomainSocketAddress.of(at));
            }
        });
    }

    /** Where whoever runs the tests may make one. */
    @Test
    void devices() throws Exception {
        Path probe = folder.resolve("probe");
        assumeThat(makeDevice(probe)).isZero();
        assertNeverOpened(at -> assertThat(makeDevice(at)).isZero());
    }

    private static int makeDevice(Path at) throws Exception {
        return new ProcessBuilder("mknod", at.toString(), "c", "1", "5").start().waitFor();
    }

    @Test
    void folders_throughALink() throws Exception {
        Files.createSymbolicLink(root.resolve("out"), folder);
        refused("out");
        refused("out/secret.txt");
        refused("out/imports/../secret.txt");
        assertThat(refused(".")).hasMessageContaining("\"out\" there is a link that leads elsewhere");
    }

    @Test
    void folders_ofVeryManyFiles() throws Exception {
        Path many = Files.createDirectories(root.resolve("many"));
        for (int i = 0; i <= 10_000; i++) {
            Files.createFile(many.resolve("f" + i));
        }
        assertThat(refused("many")).hasMessageContaining("more than 10000 files");
    }

    private static FileChunk chunk(String path) {
        return FileChunk.newBuilder()
                .setPath(path)
                .setData(ByteString.copyFromUtf8("x"))
                .setLast(true)
                .build();
    }

    private static long files(Path folder) throws Exception {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.count();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void uploadName_isRefused(String name) throws Exception {
        long before = files(folder);
        try (UploadFolder upload = sources.upload()) {
            assertThatThrownBy(() -> upload.add(chunk(name)))
                    .isInstanceOf(Refusal.class)
                    .hasMessageStartingWith("UPLOAD_INVALID: chunk.path");
        }
        assertThat(files(folder)).isEqualTo(before + 1);
    }

    @Test
    void uploadName_isAFileOrAFolder() throws Exception {
        for (List<String> names : List.of(List.of("a", "a/b"), List.of("a/b/c", "a"), List.of("a/b/c", "a/b"))) {
            try (UploadFolder upload = sources.upload()) {
                upload.add(chunk(names.get(0)));
                assertThatThrownBy(() -> upload.add(chunk(names.get(1))))
                        .isInstanceOf(Refusal.class)
                        .hasMessageContaining("makes one name a file and a folder");
            }
        }
        try (UploadFolder upload = sources.upload()) {
            assertThatCode(() -> {
                        upload.add(chunk("a/b"));
                        upload.add(chunk("a/c"));
                        upload.add(chunk("ab"));
                    })
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void filter_isShort() {
        assertThat(StateFilter.read("state=RUNNING OR state=QUEUED")).hasSize(2);
        assertThatThrownBy(() -> StateFilter.read("state=RUNNING" + " ".repeat(100_000) + "x"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("filter has 100014 characters, wanted at most 1000");
    }

    /** What a client takes as headers, after base64 of the status and percent signs for the message. */
    @Test
    void refusal_fitsTheHeadersOfAClient() {
        for (String letter : List.of("x", "\u00e9", "\u4e2d", "\ud83d\ude00")) {
            String text = letter.repeat(50_000);
            for (Refusal refusal : List.of(
                    Refusal.invalid("REQUEST_INVALID", text, text),
                    Refusal.invalid("SPEC_INVALID", text, Collections.nCopies(1000, new Violation(text, text))),
                    Refusal.fileNotFound("a-model", text),
                    Refusal.precondition("JOB_FINAL", text, text),
                    Refusal.quota("JOB_LIMIT", text, text, Map.of()))) {
                int status = refusal.status().getSerializedSize() * 4 / 3;
                byte[] message = refusal.status().getMessage().getBytes(StandardCharsets.UTF_8);
                int percent = letter.equals("x") ? message.length : 3 * message.length;
                assertThat(status + percent).isLessThan(8192 - 500);
                assertThat(refusal.getMessage()).contains(letter + "…").doesNotContain("\ufffd");
            }
        }
    }

    @Test
    void refusal_listsAsManyViolationsAsFit() {
        List<Violation> all = Collections.nCopies(1000, new Violation("rows[1].a", "is empty, wanted text"));
        BadRequest listed =
                TestServer.detail(Refusal.invalid("SPEC_INVALID", "bad", all).status(), BadRequest.class);
        assertThat(listed.getFieldViolationsCount()).isBetween(50, 100);
    }
}
