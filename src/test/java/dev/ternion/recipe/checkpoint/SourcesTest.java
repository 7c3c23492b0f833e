package dev.ternion.recipe.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.artifact.InMemory;
import dev.ternion.artifact.PretrainedImporter;
import dev.ternion.data.Dataset;
import dev.ternion.data.DatasetFolder;
import dev.ternion.data.TaskInfo;
import dev.ternion.recipe.TinyWorkspace;
import dev.ternion.recipe.Workspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is known of real models and data sets without reading them. */
class SourcesTest {
    @TempDir(factory = InMemory.class)
    Path root;

    private Workspace workspace;
    private Sources before;

    @BeforeEach
    void fill() throws Exception {
        workspace = new Workspace(root.resolve("data"));
        Files.createDirectories(workspace.models());
        Files.createDirectories(workspace.datasets());
        PretrainedImporter.importInto(TinyWorkspace.writeEncoder(root.resolve("hf")), workspace.model("encoder"));
        dataset("good");
        before = now();
        assertThat(before.digests()).containsOnlyKeys("models/encoder", "datasets/tiny");
    }

    private void dataset(String word) throws Exception {
        Dataset dataset = Dataset.of(
                TaskInfo.classification(List.of("bad", word)),
                TinyWorkspace.sentences(4, 0, "bad", word),
                TinyWorkspace.sentences(4, 9, "bad", word),
                List.of(),
                List.of());
        DatasetFolder.write(dataset, workspace.dataset("tiny"));
    }

    private Sources now() {
        return Sources.of(workspace, Set.of("encoder"), Set.of("tiny"));
    }

    private static void clear(Path folder) throws Exception {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @Test
    void theSameFilesFromElsewhereAreTheSame() throws Exception {
        clear(workspace.model("encoder"));
        PretrainedImporter.importInto(
                TinyWorkspace.writeEncoder(root.resolve("elsewhere")), workspace.model("encoder"));
        assertThat(before.changes(now())).isEmpty();
    }

    @Test
    void oneOtherBitIsAnother() throws Exception {
        Path weights = root.resolve("hf/model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 4] ^= 1;
        Files.write(weights, bytes);
        clear(workspace.model("encoder"));
        PretrainedImporter.importInto(root.resolve("hf"), workspace.model("encoder"));
        assertThat(before.changes(now())).containsOnlyKeys("models/encoder");
    }

    @Test
    void otherRowsAreAnotherDataSet() throws Exception {
        clear(workspace.dataset("tiny"));
        dataset("odd");
        assertThat(before.changes(now())).containsOnlyKeys("datasets/tiny");
    }

    @Test
    void whatHasNoManifestIsNotKnown() throws Exception {
        Files.write(workspace.model("encoder").resolve("manifest.json"), new byte[] {'{'});
        Files.delete(workspace.dataset("tiny").resolve("dataset.json"));
        assertThat(now().digests()).isEmpty();
        assertThat(before.changes(now())).isEmpty();
    }
}
