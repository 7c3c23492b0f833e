package dev.ternion.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetFolderTest {
    private static final Dataset DATA = Dataset.of(
            TaskInfo.regression(),
            List.of(new Example("a \"q\"\n\u2028", "b", 0.1f, 2), new Example("é", null, 4.9999995f, 3)),
            List.of(new Example("c", "d", 3, 1)),
            List.of(),
            List.of("a note"));

    @TempDir
    private Path root;

    @Test
    void comesBackEqualAndLeavesNothingElse() throws IOException {
        Path folder = root.resolve("sets/one");
        DatasetFolder.write(DATA, folder);
        assertThat(DatasetFolder.read(folder)).isEqualTo(DATA);
        try (var entries = Files.list(folder.getParent())) {
            assertThat(entries).containsExactly(folder);
        }
        DatasetFolder.write(DATA, folder);
    }

    @Test
    void digestIsOfTheContentAndNotOfRowNumbersOrNotes() {
        Example first = DATA.train().get(0);
        List<Example> moved = List.of(
                new Example(first.textA(), first.textB(), first.label(), 77),
                DATA.train().get(1));
        assertThat(Dataset.of(DATA.task(), moved, DATA.eval(), DATA.test(), List.of())
                        .digest())
                .isEqualTo(DATA.digest())
                .hasSize(64);
        assertThat(Dataset.of(DATA.task(), DATA.eval(), DATA.train(), DATA.test(), List.of())
                        .digest())
                .isNotEqualTo(DATA.digest());
        Example joined = new Example("ab", null, 1, 1);
        Example split = new Example("a", "b", 1, 1);
        assertThat(digest(joined)).isNotEqualTo(digest(split));
    }

    private static String digest(Example example) {
        return Dataset.of(TaskInfo.regression(), List.of(example), List.of(), List.of(), List.of())
                .digest();
    }

    @Test
    void damageIsFound() throws IOException {
        Path folder = root.resolve("one");
        DatasetFolder.write(DATA, folder);
        Path train = folder.resolve("train.jsonl");
        Files.writeString(train, Files.readString(train).replace("0.1", "0.2"));
        assertThatThrownBy(() -> DatasetFolder.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("train.jsonl has 2 rows, SHA-256")
                .hasMessageContaining("import the data again");
        Files.writeString(train, "{}\n");
        assertThatThrownBy(() -> DatasetFolder.read(folder)).hasMessageContaining("a line that is no example");
        Files.writeString(train, "{\"a\": \"q");
        assertThatThrownBy(() -> DatasetFolder.read(folder))
                .hasMessageContaining("train.jsonl has a line that is no example");
        Files.delete(train);
        assertThatThrownBy(() -> DatasetFolder.read(folder)).isInstanceOf(IOException.class);
    }

    @Test
    void refusesToOverwriteAnotherDataSetAndToReadAnotherFormat() throws IOException {
        Path folder = root.resolve("one");
        DatasetFolder.write(DATA, folder);
        Dataset other = Dataset.of(DATA.task(), DATA.eval(), DATA.eval(), List.of(), List.of());
        assertThatThrownBy(() -> DatasetFolder.write(other, folder)).hasMessageContaining("choose another folder");
        assertThat(DatasetFolder.read(folder)).isEqualTo(DATA);
        Path manifest = folder.resolve("dataset.json");
        Files.writeString(manifest, Files.readString(manifest).replace("ternion-dataset-1", "ternion-dataset-9"));
        assertThatThrownBy(() -> DatasetFolder.read(folder)).hasMessageContaining("format \"ternion-dataset-9\"");
    }
}
