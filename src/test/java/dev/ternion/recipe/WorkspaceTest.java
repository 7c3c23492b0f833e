package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkspaceTest {
    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "../datasets", "/etc", "../models"})
    void whatIsNoIdNamesNoFolder(String id) {
        assertThatThrownBy(() -> workspace.model(id)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> workspace.dataset(id)).isInstanceOf(IllegalArgumentException.class);
        assertThat(workspace.model("a-1")).isEqualTo(root.resolve("models/a-1"));
    }

    private final Path root = Path.of("data").toAbsolutePath();
    private final Workspace workspace = new Workspace(root);

    @Test
    void messagesForClientsBeginInTheDataFolder() {
        assertThat(workspace.relative(workspace.model("m") + "/a.bin: saw 1. See " + workspace.cache()))
                .isEqualTo("models/m/a.bin: saw 1. See cache");
        assertThat(workspace.relative("no room in " + root)).isEqualTo("no room in data folder");
        assertThat(workspace.relative(root + "-2/a and 7/8")).isEqualTo(root + "-2/a and 7/8");
    }

    @Test
    void messagesOfAnImportBeginInWhatIsImported() {
        Path source = root.resolveSibling("imports").resolve("model.onnx");
        String message = source + ": tokenizer: none in " + source.getParent() + ", target " + workspace.model("m");
        assertThat(workspace.relative(message, source))
                .isEqualTo("model.onnx: tokenizer: none in folder, target models/m");
    }
}
