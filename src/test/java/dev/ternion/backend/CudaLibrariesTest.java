package dev.ternion.backend;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaLibrariesTest {
    private static final Pattern VALUE = Pattern.compile("^  (CU[A-Z0-9_]+) = (\\d+),$", Pattern.MULTILINE);

    @TempDir
    private Path folder;

    private Path library(String place) throws IOException {
        Path home = Files.createDirectories(folder.resolve(place));
        Files.createFile(home.resolve(CudaLibraries.CUBLASLT));
        return home;
    }

    private List<Path> search(Map<String, String> environment) {
        return CudaLibraries.folders(environment, folder);
    }

    @Test
    void nothingIsFoundWhereNothingIs() throws IOException {
        Files.createDirectories(folder.resolve("usr/lib/python3.12/site-packages/nvidia/cu13/lib"));
        assertThat(search(Map.of("VIRTUAL_ENV", folder.resolve("none").toString(), "PATH", "", "HOME", "")))
                .isEmpty();
    }

    @Test
    void theToolkitComesBeforePython() throws IOException {
        Path python = library("venv/lib/python3.12/site-packages/nvidia/cu13/lib");
        Path toolkit = library("cuda-13/lib64");
        assertThat(search(Map.of(
                        "CUDA_HOME", folder.resolve("cuda-13").toString(),
                        "VIRTUAL_ENV", folder.resolve("venv").toString())))
                .containsExactly(toolkit, python);
        assertThat(search(Map.of())).isEmpty();
    }

    @Test
    void aPythonOnThePathIsFollowedToItsPackages() throws IOException {
        Path packages = library("opt/torch/lib/python3.11/site-packages/nvidia/cublas/lib");
        Path python = Files.createDirectories(folder.resolve("opt/torch/bin")).resolve("python3");
        Files.createFile(python);
        assertThat(python.toFile().setExecutable(true)).isTrue();
        assertThat(search(Map.of("PATH", "/nowhere:" + python.getParent()))).containsExactly(packages);
    }

    @Test
    void systemAndUserPackagesAreFound() throws IOException {
        Path system = library("usr/lib/python3.12/dist-packages/nvidia/cu13/lib");
        Path local = library("usr/local/lib/python3.13/site-packages/nvidia/cu13/lib");
        Path user = library("me/.local/lib/python3.12/site-packages/nvidia/cu13/lib");
        Path named = library("named/nvidia/cu13/lib");
        assertThat(search(Map.of(
                        "HOME", folder.resolve("me").toString(),
                        "PYTHONPATH", folder.resolve("named").toString())))
                .containsExactly(user, local, system, named);
    }

    /** The preset's classes hold the values of NVIDIA's headers. They are read at compile time: no library is loaded. */
    @Test
    void theNativeValuesAreThoseOfTheHeaders() throws IOException {
        Map<String, Integer> wanted = Map.ofEntries(
                entry("CUBLAS_STATUS_SUCCESS", cublas.CUBLAS_STATUS_SUCCESS),
                entry("CUBLAS_STATUS_NOT_SUPPORTED", cublas.CUBLAS_STATUS_NOT_SUPPORTED),
                entry("CUBLAS_OP_N", cublas.CUBLAS_OP_N),
                entry("CUBLAS_OP_T", cublas.CUBLAS_OP_T),
                entry("CUBLAS_COMPUTE_32F_PEDANTIC", cublas.CUBLAS_COMPUTE_32F_PEDANTIC),
                entry("CUDA_R_32F", cudart.CUDA_R_32F),
                entry("CUBLASLT_MATMUL_DESC_TRANSA", cublas.CUBLASLT_MATMUL_DESC_TRANSA),
                entry("CUBLASLT_MATMUL_DESC_TRANSB", cublas.CUBLASLT_MATMUL_DESC_TRANSB),
                entry("CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES", cublas.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES),
                entry("CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK", cublas.CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK),
                entry("CUBLASLT_REDUCTION_SCHEME_NONE", cublas.CUBLASLT_REDUCTION_SCHEME_NONE));
        Map<String, Integer> seen = new HashMap<>();
        Matcher values = VALUE.matcher(Files.readString(Path.of("native/cuda/cublaslt_api.h")));
        while (values.find()) {
            seen.put(values.group(1), Integer.parseInt(values.group(2)));
        }
        assertThat(seen).isEqualTo(wanted);
    }
}
