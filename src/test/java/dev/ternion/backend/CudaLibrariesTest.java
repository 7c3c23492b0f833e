package dev.ternion.backend;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.junit.jupiter.api.Test;

class CudaLibrariesTest {
    private static final Pattern VALUE = Pattern.compile("^  (CU[A-Z0-9_]+) = (\\d+),$", Pattern.MULTILINE);

    /** Backends tells by this text that the library has to be loaded; the program tests the native side's error. */
    @Test
    void theNativeErrorIsTheOneThatIsLookedFor() throws IOException {
        assertThat(Files.readString(Path.of("native/test/dense_library_test.cpp")))
                .contains(CudaLibraries.MISSING);
        assertThat(CudaLibraries.missing(new RuntimeException("[gemm] " + CudaLibraries.MISSING + ": install it")))
                .isTrue();
        assertThat(CudaLibraries.missing(new RuntimeException())).isFalse();
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
                entry("CUBLAS_COMPUTE_32F", cublas.CUBLAS_COMPUTE_32F),
                entry("CUDA_R_32F", cudart.CUDA_R_32F),
                entry("CUDA_R_16BF", cudart.CUDA_R_16BF),
                entry("CUBLASLT_POINTER_MODE_DEVICE", cublas.CUBLASLT_POINTER_MODE_DEVICE),
                entry("CUBLASLT_MATMUL_DESC_POINTER_MODE", cublas.CUBLASLT_MATMUL_DESC_POINTER_MODE),
                entry("CUBLASLT_MATMUL_DESC_TRANSA", cublas.CUBLASLT_MATMUL_DESC_TRANSA),
                entry("CUBLASLT_MATMUL_DESC_TRANSB", cublas.CUBLASLT_MATMUL_DESC_TRANSB),
                entry("CUBLASLT_MATMUL_DESC_EPILOGUE", cublas.CUBLASLT_MATMUL_DESC_EPILOGUE),
                entry("CUBLASLT_MATMUL_DESC_BIAS_POINTER", cublas.CUBLASLT_MATMUL_DESC_BIAS_POINTER),
                entry("CUBLASLT_EPILOGUE_BIAS", cublas.CUBLASLT_EPILOGUE_BIAS),
                entry("CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES", cublas.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES),
                entry("CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK", cublas.CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK),
                entry("CUBLASLT_REDUCTION_SCHEME_NONE", cublas.CUBLASLT_REDUCTION_SCHEME_NONE),
                entry("CUBLASLT_ALGO_CONFIG_ID", cublas.CUBLASLT_ALGO_CONFIG_ID),
                entry("CUBLASLT_ALGO_CONFIG_TILE_ID", cublas.CUBLASLT_ALGO_CONFIG_TILE_ID),
                entry("CUBLASLT_ALGO_CONFIG_SPLITK_NUM", cublas.CUBLASLT_ALGO_CONFIG_SPLITK_NUM),
                entry("CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME", cublas.CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME),
                entry("CUBLASLT_ALGO_CONFIG_STAGES_ID", cublas.CUBLASLT_ALGO_CONFIG_STAGES_ID));
        Map<String, Integer> seen = new HashMap<>();
        Matcher values = VALUE.matcher(Files.readString(Path.of("native/cuda/cublaslt_api.h")));
        while (values.find()) {
            seen.put(values.group(1), Integer.parseInt(values.group(2)));
        }
        assertThat(seen).isEqualTo(wanted);
    }
}
