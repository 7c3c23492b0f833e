package dev.ternion.backend;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.bytedeco.javacpp.Loader;

/**
 * Finds and loads cuBLASLt through the JavaCPP preset of CUDA: from the system's folders, the CUDA toolkit's, or those of
 * Python packages. The native backend then uses the library that the process has loaded.
 */
final class CudaLibraries {
    static final String CUBLASLT = "libcublasLt.so.13";
    static final String MISSING = CUBLASLT + " is not loaded";
    private static final String PRELOAD_PATH = "platform.preloadpath";

    private CudaLibraries() {}

    /** Whether an error of the native backend says that cuBLASLt has to be loaded first. */
    static boolean missing(RuntimeException error) {
        return String.valueOf(error.getMessage()).contains(MISSING);
    }

    /**
     * Loads cuBLASLt for good.
     *
     * @throws BackendException what failed, where was looked, and how to get it
     */
    static void load() {
        load(CudaPlaces.of(System.getenv(), Path.of("/")));
    }

    /** The preset also wants libcudart and libcublas. Where only they are missing, the file of cuBLASLt itself will do. */
    static void load(List<Path> places) {
        List<Path> folders = CudaPlaces.holding(places, CUBLASLT);
        List<String> reasons = new ArrayList<>();
        try {
            loadPreset(folders);
            return;
        } catch (LinkageError e) {
            reasons.add(reason(e));
        }
        for (Path folder : folders) {
            try {
                System.load(folder.resolve(CUBLASLT).toString());
                return;
            } catch (UnsatisfiedLinkError e) {
                reasons.add(reason(e));
            }
        }
        List<String> looked = new ArrayList<>(List.of("the system's folders"));
        places.forEach(place -> looked.add(place.toString()));
        throw new BackendException(
                "cuBLAS of CUDA 13 (" + CUBLASLT + ") cannot be loaded: " + String.join("; ", reasons)
                        + "; looked in " + String.join(", ", looked)
                        + "; install it with `pip install nvidia-cublas` or the CUDA toolkit 13, or use \"cpu\"");
    }

    private static void loadPreset(List<Path> folders) {
        Properties properties = Loader.loadProperties();
        List<String> path = new ArrayList<>(List.of(properties.getProperty(PRELOAD_PATH, "")));
        folders.forEach(folder -> path.add(folder.toString()));
        path.removeIf(String::isEmpty);
        properties.setProperty(PRELOAD_PATH, String.join(File.pathSeparator, path));
        Loader.load(org.bytedeco.cuda.global.cublas.class);
    }

    /** The loader's own message hides what the system's loader said. */
    private static String reason(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage();
    }

    /** The file that cuBLASLt was loaded from, if it was. */
    static Optional<Path> loaded() {
        try {
            return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                    .filter(line -> line.contains("libcublasLt.so"))
                    .map(line -> Path.of(line.substring(line.indexOf('/'))))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
