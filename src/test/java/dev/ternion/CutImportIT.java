package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ternion.recipe.TinyWorkspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line gets a large file over connections none of which lasts for it, and leaves no upload behind. */
class CutImportIT {
    private static final int LARGE = 12 << 20;
    private static final long CUT_AFTER = 5 << 20;
    private static final int CUTS = 4;

    @TempDir
    Path folder;

    @Test
    void anImportGoesOnWhereTheConnectionWasCut() throws Exception {
        Path model = folder.resolve("hf");
        TinyWorkspace.writeEncoder(model);
        byte[] noise = new byte[LARGE];
        new Random(1).nextBytes(noise);
        Files.write(model.resolve("notes.txt"), noise);
        try (TinyServer server = new TinyServer(folder);
                CuttingProxy proxy = new CuttingProxy(
                        Integer.parseInt(
                                server.address().substring(server.address().indexOf(':') + 1)),
                        CUT_AFTER,
                        CUTS)) {
            TinyServer.Result imported =
                    TinyServer.cli("models", "import", "encoder", model.toString(), "--server", proxy.address());
            assertThat(imported.code()).as("%s", imported).isZero();
            assertThat(imported.json().path("name").asText()).isEqualTo("projects/default/models/encoder");
            assertThat(proxy.cuts()).isGreaterThanOrEqualTo(2);
            assertThat(server.data.resolve("objects/uploads")).isEmptyDirectory();
            assertThat(server.data.resolve("incoming")).isEmptyDirectory();
            assertThat(server.data.resolve("uploads")).isEmptyDirectory();
        }
    }
}
