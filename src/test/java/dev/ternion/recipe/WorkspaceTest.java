package dev.ternion.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class WorkspaceTest {
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
