package dev.ternion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ternion.api.v1.TabularFormat;
import dev.ternion.cli.FakeServer.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCommandsIT {
    @TempDir
    private Path folder;

    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aModelFolderIsUploadedInPieces() throws IOException {
        byte[] weights = random(3_000_000);
        Files.write(folder.resolve("model.safetensors"), weights);
        Files.writeString(folder.resolve("config.json"), "{}");
        Files.writeString(folder.resolve("pytorch_model.bin"), "not sent");
        Files.writeString(folder.resolve(".hidden.json"), "not sent");

        Result result = server.run("models", "import", "mine", folder.toString());

        assertThat(result.code()).isZero();
        assertThat(server.stores.uploaded).containsOnlyKeys("model.safetensors", "config.json");
        assertThat(server.stores.uploaded.get("model.safetensors")).isEqualTo(weights);
        assertThat(new ObjectMapper().readTree(result.out()).path("name").asText())
                .isEqualTo("projects/default/models/mine");
    }

    @Test
    void aServerPathUploadsNothing() {
        Result result = server.run("models", "import", "mine", "/srv/model", "--server-path");

        assertThat(result.code()).isZero();
        assertThat(server.stores.uploaded).isEmpty();
        assertThat(server.stores.modelHeader.getServerPath()).isEqualTo("/srv/model");
    }

    @Test
    void aTableIsDescribedByItsColumns() throws IOException {
        Path train = Files.writeString(folder.resolve("train.tsv"), "a\tb\n");
        Path eval = Files.writeString(folder.resolve("eval.tsv"), "");

        Result result = server.run(
                "datasets",
                "import",
                "news",
                train.toString(),
                eval.toString(),
                "--text",
                "#0",
                "--label",
                "#1",
                "--header",
                "false",
                "--classes",
                "x,y");

        assertThat(result.code()).isZero();
        assertThat(server.stores.uploaded).containsOnlyKeys("train.tsv", "eval.tsv");
        assertThat(server.stores.datasetHeader.getFormat().getTabular())
                .isEqualTo(TabularFormat.newBuilder()
                        .setTrainFile("train.tsv")
                        .setEvalFile("eval.tsv")
                        .setTextA("#0")
                        .setLabel("#1")
                        .setHeader(false)
                        .addClasses("x")
                        .addClasses("y")
                        .build());
    }

    @Test
    void glueAndPlainLinesHaveTheirOwnOptions() throws IOException {
        Files.writeString(folder.resolve("train.tsv"), "x");
        Files.writeString(folder.resolve("dev.tsv"), "x");
        Path bait = Files.writeString(folder.resolve("bait.txt"), "x");
        Path news = Files.writeString(folder.resolve("news.txt"), "x");

        assertThat(server.run("datasets", "import", "cola", folder.toString(), "--glue", "CoLA")
                        .code())
                .isZero();
        assertThat(server.stores.datasetHeader.getFormat().getGlue().getTask()).isEqualTo("CoLA");
        assertThat(server.stores.uploaded).containsOnlyKeys("train.tsv", "dev.tsv");
        assertThat(server.run("datasets", "import", "heads", "--class", "bait=" + bait, "--class", "news=" + news)
                        .code())
                .isZero();
        assertThat(server.stores.datasetHeader.getFormat().getPlainLines().getClassesList())
                .extracting(file -> file.getLabel() + "=" + file.getFile())
                .containsExactly("bait=bait.txt", "news=news.txt");
        assertThat(server.run("datasets", "import", "none", folder.toString()).code())
                .isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aDownloadGoesOnWhereItBrokeAndIsChecked() throws IOException {
        serve(random(10_500), "onnx/weights.bin");
        server.stores.breakAfter = 4_000;

        Result result =
                server.run("models", "download", "mine", folder.resolve("out").toString());

        assertThat(result.code()).isZero();
        assertThat(folder.resolve("out/onnx/weights.bin")).hasBinaryContent(server.stores.file);
    }

    @Test
    void whatAnotherProcessHasDownloadedIsGoneOnWith() throws IOException {
        serve(random(10_500), "weights.bin");
        Files.write(folder.resolve(".weights.bin.part"), Arrays.copyOf(server.stores.file, 4_321));

        assertThat(server.run("models", "download", "mine", folder.toString()).code())
                .isZero();
        assertThat(server.stores.askedFrom).isEqualTo(4_321);
        assertThat(folder.resolve("weights.bin")).hasBinaryContent(server.stores.file);
        assertThat(folder.resolve(".weights.bin.part")).doesNotExist();
    }

    @Test
    void whatWasLeftOfAnotherFileIsThrownAway() throws IOException {
        serve(random(10_500), "weights.bin");
        for (int length : new int[] {100, 20_000}) {
            Files.write(folder.resolve(".weights.bin.part"), new byte[length]);
            assertThat(server.run("models", "download", "mine", folder.toString())
                            .code())
                    .isEqualTo(ExitCode.INTERNAL);
            assertThat(folder).isEmptyDirectory();
        }
        assertThat(server.run("models", "download", "mine", folder.toString()).code())
                .isZero();
        assertThat(folder.resolve("weights.bin")).hasBinaryContent(server.stores.file);
    }

    @Test
    void aWrongDigestLeavesNothing() throws IOException {
        serve(random(100), "weights.bin");
        server.stores.sha256 = "00";

        Result result = server.run("models", "download", "mine", folder.toString());

        assertThat(result.code()).isEqualTo(ExitCode.INTERNAL);
        assertThat(result.err()).contains("wanted 00");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aFileOutsideTheFolderIsRefused() {
        serve(random(10), "../evil");

        Result result = server.run("models", "download", "mine", folder.toString());

        assertThat(result.code()).isEqualTo(ExitCode.INTERNAL);
        assertThat(folder.resolveSibling("evil")).doesNotExist();
    }

    private void serve(byte[] bytes, String name) {
        Sha256 sha256 = new Sha256();
        sha256.update(bytes, bytes.length);
        server.stores.file = bytes;
        server.stores.sha256 = sha256.hex();
        server.stores.fileName = name;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }
}
