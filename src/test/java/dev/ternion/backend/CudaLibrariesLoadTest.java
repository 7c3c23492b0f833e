package dev.ternion.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading in a process of its own: a library stays until its process ends. */
class CudaLibrariesLoadTest {
    @TempDir
    private Path toolkit;

    private Path file;

    @BeforeEach
    void makeFolder() throws IOException {
        file = Files.createDirectories(toolkit.resolve("lib64")).resolve(CudaLibraries.CUBLASLT);
    }

    private String load() throws Exception {
        Process loader = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Loading.class.getName(),
                        toolkit.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(loader.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(loader.waitFor()).isZero();
        return said;
    }

    /** Without a driver or libcudart the preset loads nothing; where it can, it may find another copy. */
    @Test
    void aFileAloneIsEnough() throws Exception {
        Files.copy(Path.of("target/native/fake", CudaLibraries.CUBLASLT), file);
        assertThat(load()).startsWith("loaded ").endsWith(CudaLibraries.CUBLASLT);
    }

    @Test
    void theErrorSaysWhatFailedWhereWasLookedAndWhatToDo() throws Exception {
        Files.writeString(file, "no library");
        String said = load();
        assumeThat(said).as("a machine with cuBLAS").startsWith("cuBLAS");
        assertThat(said)
                .startsWith("cuBLAS of CUDA 13 (libcublasLt.so.13) cannot be loaded: ")
                .contains("libjnicu", file + ": ")
                .contains("; looked in the system's folders, " + toolkit + "; install")
                .contains("pip install nvidia-cublas", "CUDA toolkit 13", "use \"cpu\"");
    }

    /** Prints the loaded file, or the error. */
    static final class Loading {
        private Loading() {}

        /** @param args the toolkit's folder */
        public static void main(String[] args) {
            try {
                CudaLibraries.load(List.of(Path.of(args[0])));
                System.out.print("loaded " + CudaLibraries.loaded().orElseThrow());
            } catch (BackendException e) {
                System.out.print(e.getMessage());
            }
        }
    }
}
