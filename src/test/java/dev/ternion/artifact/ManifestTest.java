package dev.ternion.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {
    /** Published SHA-256 of the three bytes "abc". */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path folder;

    private Manifest manifest;

    @BeforeEach
    void setUp() throws Exception {
        Files.writeString(folder.resolve("a.txt"), "abc");
        Files.writeString(folder.resolve("b.txt"), "");
        manifest = Manifest.of(folder, List.of("b.txt", "a.txt"), "a.jar", ABC, Optional.of("MIT"));
        manifest.write(folder);
    }

    @Test
    void comesBackAndHolds() throws Exception {
        assertThat(manifest.files().get("a.txt")).isEqualTo(new Manifest.Entry(3, ABC));
        Manifest read = Manifest.read(folder);
        assertThat(read).isEqualTo(manifest);
        read.verify(folder);
        byte[] first = Files.readAllBytes(folder.resolve(Manifest.NAME));
        read.write(folder);
        assertThat(folder.resolve(Manifest.NAME)).hasBinaryContent(first);
    }

    @Test
    void differencesSayWhatWasExpectedAndWhatIsThere() throws Exception {
        Files.writeString(folder.resolve("a.txt"), "abd");
        Files.delete(folder.resolve("b.txt"));
        assertThatThrownBy(() -> manifest.verify(folder))
                .isInstanceOf(ArtifactException.class)
                .hasMessageContaining("saw 2 of 2, wanted none")
                .hasMessageContaining("a.txt: expected sha256 " + ABC + ", got a52d159f")
                .hasMessageContaining("b.txt is missing");
        Files.writeString(folder.resolve("a.txt"), "abcd");
        assertThatThrownBy(() -> manifest.verify(folder)).hasMessageContaining("a.txt: expected 3 bytes, got 4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../a.txt", "/etc/passwd", "sub/a.txt", "..", ".hidden", "", "a\\\\b"})
    void namesOutsideTheFolderAreRefused(String name) throws Exception {
        String json = "{\"files\":{\"" + name + "\":{\"size\":3,\"sha256\":\"" + ABC + "\"}}}";
        Files.writeString(folder.resolve(Manifest.NAME), json);
        assertThatThrownBy(() -> Manifest.read(folder))
                .isInstanceOf(ArtifactException.class)
                .hasMessageContaining("file name: saw ");
    }

    @Test
    void malformedManifestsAreRefused() throws Exception {
        for (String entry : List.of("3", "{}", "{\"size\":-1}", "{\"size\":\"3\"}", "{\"size\":3,\"sha256\":\"AB\"}")) {
            Files.writeString(folder.resolve(Manifest.NAME), "{\"files\":{\"a\":" + entry + "}}");
            assertThatThrownBy(() -> Manifest.read(folder))
                    .isInstanceOf(ArtifactException.class)
                    .hasMessageContaining("a: ");
        }
        Files.writeString(folder.resolve(Manifest.NAME), "{}");
        assertThatThrownBy(() -> Manifest.read(folder)).hasMessageContaining("files: saw");
    }
}
