package dev.ternion.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaPlacesTest {
    private static final String LIBRARY = "libsome.so.13";

    @TempDir
    private Path folder;

    private Path library(String place) throws IOException {
        Path home = Files.createDirectories(folder.resolve(place));
        Files.createFile(home.resolve(LIBRARY));
        return home;
    }

    private String path(String place) {
        return folder.resolve(place).toString();
    }

    private List<Path> search(Map<String, String> environment) {
        return CudaPlaces.holding(CudaPlaces.of(environment, folder), LIBRARY);
    }

    @Test
    void nothingIsFoundWhereNothingIs() throws IOException {
        Path site = Files.createDirectories(folder.resolve("usr/lib/python3.12/site-packages/nvidia/cu13/lib"));
        Map<String, String> environment = Map.of("VIRTUAL_ENV", path("none"), "PATH", "", "HOME", "");
        assertThat(search(environment)).isEmpty();
        assertThat(CudaPlaces.of(environment, folder))
                .containsExactly(site.resolve("../../..").normalize());
        assertThat(CudaPlaces.of(Map.of(), folder.resolve("empty"))).isEmpty();
    }

    @Test
    void theToolkitComesBeforePython() throws IOException {
        Path python = library("venv/lib/python3.12/site-packages/nvidia/cu13/lib");
        Path toolkit = library("cuda-13/lib64");
        assertThat(search(Map.of("CUDA_HOME", path("cuda-13"), "VIRTUAL_ENV", path("venv"))))
                .containsExactly(toolkit, python);
        assertThat(search(Map.of("CUDA_PATH", path("cuda-13"), "CONDA_PREFIX", path("venv"))))
                .containsExactly(toolkit, python);
        assertThat(search(Map.of())).isEmpty();
        Path usual = library("usr/local/cuda/lib64");
        assertThat(search(Map.of())).containsExactly(usual);
    }

    @Test
    void aPythonOnThePathIsFollowedToItsPackages() throws IOException {
        Path packages = library("opt2/torch/lib/python3.11/site-packages/nvidia/cublas/lib");
        Path python = Files.createDirectories(folder.resolve("opt2/torch/bin")).resolve("python3.11");
        Files.createFile(python);
        assertThat(python.toFile().setExecutable(true)).isTrue();
        Files.createSymbolicLink(python.resolveSibling("python3"), Path.of("python3.11"));
        assertThat(search(Map.of("PATH", "/nowhere:" + python.getParent()))).containsExactly(packages);

        Path links = Files.createDirectories(folder.resolve("links/bin"));
        Files.createSymbolicLink(links.resolve("python3"), python.resolveSibling("python3"));
        assertThat(search(Map.of("PATH", links.toString()))).containsExactly(packages);

        Path circle = Files.createDirectories(folder.resolve("circle/bin"));
        Files.createSymbolicLink(circle.resolve("python3"), Path.of("python3"));
        assertThat(search(Map.of("PATH", circle.toString()))).isEmpty();
    }

    @Test
    void whatIsNamedComesBeforeUserSystemAndOpt() throws IOException {
        Path environment = library("opt/torch/.venv/lib/python3.12/site-packages/nvidia/cu13/lib");
        Path conda = library("opt/conda/lib/python3.12/site-packages/nvidia/cu13/lib");
        Path system = library("usr/lib/python3/dist-packages/nvidia/cu13/lib");
        Path local = library("usr/local/lib/python3.13/site-packages/nvidia/cu13/lib");
        Path user = library("me/.local/lib/python3.12/site-packages/nvidia/cu13/lib");
        Path named = library("named/nvidia/cu13/lib");
        assertThat(search(Map.of("HOME", path("me"), "PYTHONPATH", path("named"))))
                .containsExactly(named, user, local, system, conda, environment);
    }
}
